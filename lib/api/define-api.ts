import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLEnumType, GraphQLResolveInfo, GraphQLScalarType, GraphQLSchema } from 'graphql'
import type { SubscriptionField } from '../channels/channel'
import type { ChannelDefinition, Channels } from '../channels/definition'
import type { Envelope } from '../channels/envelope'
import { ConfigurationError } from '../errors'
import type { KeepClaims } from '../identity'
import type { Request } from './request'

/* oxlint-disable typescript/no-explicit-any -- a text holds the schema, so TypeScript cannot know their types */

/**
 * A resolver of graphql-js. Source and arguments are `any`, as in graphql-js itself: their types follow from the
 * schema, which TypeScript cannot read. A resolver declares those that it uses.
 */
export type FieldResolver<Context> = (source: any, args: any, context: Context, info: GraphQLResolveInfo) => unknown

export type FieldResolvers<Context> = Readonly<Record<string, FieldResolver<Context>>>

export interface RootResolvers<Context, EventContext> {
  readonly Query?: FieldResolvers<Context>
  readonly Mutation?: FieldResolvers<Context>
  /** Each is created by `Channel.field`. */
  readonly Subscription?: Readonly<Record<string, SubscriptionField<any, Context, EventContext, any>>>
}

/* oxlint-enable typescript/no-explicit-any */

export interface ApiDefinition<Context, EventContext> {
  /** The schema in GraphQL's schema definition language (SDL). */
  readonly typeDefs: string
  readonly resolvers: RootResolvers<Context, EventContext>
  /**
   * Resolvers of all other types: objects, scalars and enums. Queries and subscriptions may both select a field, so its
   * resolver receives either of the two contexts.
   */
  readonly types?: Readonly<
    Record<string, FieldResolvers<Context | EventContext> | GraphQLScalarType | GraphQLEnumType>
  >
  /** Creates the context of one operation of one client. */
  readonly context: (request: Request) => Context | Promise<Context>
  /**
   * Creates the context for resolving an event. It has no identity, because one result serves many subscribers.
   * Default: `{}`.
   */
  readonly eventContext?: (event: EventDetails) => EventContext
  /**
   * Chooses further claims of a token to keep in `Identity.claims`, besides `sub`, groups and expiry. Pass the same
   * function to `acceptConnections`, the handler of `$connect`.
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
 * Defines an API, once for all functions of a service. Throws a ConfigurationError if a subscription field has no
 * channel, if two channels have the same name, or if `types` has resolvers of a root type.
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
    throw new ConfigurationError(`Expected the resolvers of ${misplaced} in "resolvers", got them in "types".`)
  }
  const channels = channelsOf(Subscription)
  const fields = Object.entries(Subscription).map(([name, { subscribe, resolve }]) => [name, { subscribe, resolve }])
  const root = fields.length > 0 ? { Subscription: Object.fromEntries(fields) as object } : {}
  const schema = makeExecutableSchema({ typeDefs, resolvers: { ...types, ...roots, ...root } })
  for (const name of Object.keys(schema.getSubscriptionType()?.getFields() ?? {})) {
    if (!Object.hasOwn(Subscription, name)) {
      throw new ConfigurationError(
        `Subscription.${name} has no resolver: create one with channel(…).field({ subscribe: … }).`,
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
        `Subscription.${name} has no channel: create its resolver with channel(…).field({ subscribe: … }).`,
      )
    }
    const known = channels.get(channel.name)
    if (known && known !== channel)
      throw new ConfigurationError(`Expected channel names to be unique, got two channels named "${channel.name}".`)
    channels.set(channel.name, channel)
  }
  return channels
}
