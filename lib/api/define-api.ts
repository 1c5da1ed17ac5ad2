import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLEnumType, GraphQLResolveInfo, GraphQLScalarType, GraphQLSchema } from 'graphql'
import type { SubscriptionField } from '../channels/channel'
import type { ChannelDefinition, Channels } from '../channels/definition'
import type { Envelope } from '../channels/envelope'
import { ConfigurationError } from '../errors'
import type { KeepClaims } from '../identity'
import type { Request } from './request'

/* eslint-disable @typescript-eslint/no-explicit-any -- source, arguments and results follow from the schema, as in graphql-js itself */

/** A resolver of graphql-js. */
export type FieldResolver<Context> = (source: any, args: any, context: Context, info: GraphQLResolveInfo) => unknown

export type FieldResolvers<Context> = Readonly<Record<string, FieldResolver<Context>>>

export interface RootResolvers<Context, EventContext> {
  readonly Query?: FieldResolvers<Context>
  readonly Mutation?: FieldResolvers<Context>
  /** Each made by `Channel.field`. */
  readonly Subscription?: Readonly<Record<string, SubscriptionField<any, Context, EventContext, any>>>
}

/* eslint-enable @typescript-eslint/no-explicit-any */

export interface ApiDefinition<Context, EventContext> {
  /** The schema in GraphQL's own language. */
  readonly typeDefs: string
  readonly resolvers: RootResolvers<Context, EventContext>
  /**
   * Resolvers of all other types: of fields, of scalars and enums. A field may be asked for by a query and by a subscription, so what
   * they get is either context.
   */
  readonly types?: Readonly<
    Record<string, FieldResolvers<Context | EventContext> | GraphQLScalarType | GraphQLEnumType>
  >
  /** What resolvers get, for one operation of one client. */
  readonly context: (request: Request) => Context | Promise<Context>
  /** What resolvers get when an event is resolved for its subscribers: no identity, since one result serves many. `{}` if left out. */
  readonly eventContext?: (event: EventDetails) => EventContext
  /**
   * Further claims of a token to keep, in `Identity.claims`, besides `sub`, groups and expiry. The handler of `$connect` needs the same:
   * `acceptConnections`.
   */
  readonly identity?: KeepClaims
}

export type EventDetails = Omit<Envelope<unknown>, 'data'>

/** A GraphQL API that the core serves. */
export interface Api {
  readonly schema: GraphQLSchema
  readonly channels: Channels
  readonly context: (request: Request) => unknown
  readonly eventContext: (event: EventDetails) => unknown
  readonly identity: KeepClaims | undefined
}

/**
 * Defines an API, once for all functions of a service. Throws a ConfigurationError if a subscription field has no channel, two channels
 * have one name, or `types` has resolvers of a root type.
 */
export function defineApi<Context, EventContext = object>({
  typeDefs,
  resolvers,
  types = {},
  context,
  eventContext = () => ({}) as EventContext,
  identity,
}: ApiDefinition<Context, EventContext>): Api {
  const { Subscription = {}, ...roots } = resolvers
  const misplaced = ['Query', 'Mutation', 'Subscription'].find((name) => Object.hasOwn(types, name))
  if (misplaced !== undefined) {
    throw new ConfigurationError(`Expected resolvers of ${misplaced} in "resolvers", not in "types".`)
  }
  const channels = channelsOf(Subscription)
  const fields = Object.entries(Subscription).map(([name, { subscribe, resolve }]) => [name, { subscribe, resolve }])
  const root = fields.length > 0 ? { Subscription: Object.fromEntries(fields) as object } : {}
  const schema = makeExecutableSchema({ typeDefs, resolvers: { ...types, ...roots, ...root } })
  for (const name of Object.keys(schema.getSubscriptionType()?.getFields() ?? {})) {
    if (!Object.hasOwn(Subscription, name)) {
      throw new ConfigurationError(
        `Subscription.${name} has no resolver: write it with channel(…).field({ subscribe: … }).`,
      )
    }
  }
  return { schema, channels, context, eventContext, identity }
}

function channelsOf(fields: Readonly<Record<string, { readonly channel?: ChannelDefinition }>>): Channels {
  const channels = new Map<string, ChannelDefinition>()
  for (const [name, { channel }] of Object.entries(fields)) {
    if (!channel) {
      throw new ConfigurationError(
        `Subscription.${name} has no channel: write it with channel(…).field({ subscribe: … }).`,
      )
    }
    const known = channels.get(channel.name)
    if (known && known !== channel) throw new ConfigurationError(`Two channels are called "${channel.name}".`)
    channels.set(channel.name, channel)
  }
  return channels
}
