import type { StandardSchemaV1 } from '@standard-schema/spec'
import { createRooms, type Member, type Present, presentOf } from '../presence/room'
import { reconcile } from '../presence/reconcile'
import { clientsTable } from '../resources'
import { decode } from './decode'
import type { ChannelDefinition } from './definition'
import { channel, type SubscriptionField } from './channel'
import type { Envelope } from './envelope'
import type { CompletionOptions, Publication } from './publication'
import { channelTopic, type Keys } from './topic'
import { TopicSource } from './topic-source'
import { asUserInput } from './user-input'

export interface PresenceOptions<Info, Input = Info> {
  /** Validates `info` on joining and when a state is delivered: any Standard Schema (valibot, zod, ArkType, …). */
  readonly info?: StandardSchemaV1<Input, Info>
}

export interface PresenceFieldOptions<Info, Input, Args, Context, EventContext, Result> {
  /**
   * Returns the room of the subscription, and the member's description of itself (JSON, at most 256 bytes). Without a
   * `member`, the subscription only watches. May throw a GraphQLError to refuse the subscription.
   */
  readonly subscribe: (args: Args, context: Context) => Joining<Input> | Promise<Joining<Input>>
  /** Maps a state to the field's value. Default: the state itself. */
  readonly resolve?: (event: Envelope<Present<Info>>, context: EventContext) => Result | Promise<Result>
}

export interface Joining<Input> {
  /** The parts of the room's key. */
  readonly keys: Keys
  readonly member?: Input | undefined
}

/** A channel whose events are the states of rooms. The core publishes them; the application does not. */
export interface PresenceChannel<Info, Input = Info> extends ChannelDefinition {
  readonly log: false
  /**
   * Defines a subscription field. Its client is a member of the room until the subscription ends. It receives the
   * present state first, and then every change, in at most 30 states a minute.
   */
  field<Args, Context, EventContext, Result = Present<Info>>(
    field: PresenceFieldOptions<Info, Input, Args, Context, EventContext, Result>,
  ): SubscriptionField<Args, Context, EventContext, Result>

  /**
   * Returns the last state that was sent to a room. One consistent read; for a room with more than 100 members, also a
   * query of the index.
   *
   * @param first maximum number of members, 1 to 1,000. Default: 100
   */
  present(
    keys: Keys,
    options?: { readonly first?: number },
  ): Promise<Present<Info> & { readonly members: readonly Member<Info>[] }>

  /** Ends memberships of a room: see `complete` of `Channel`. */
  complete(keys: Keys, options?: Omit<CompletionOptions, 'tags'>): Publication
}

const maxInfoBytes = 256
const maxFirst = 1_000

/**
 * Defines a presence channel: docs/how-to/presence.md. A member is a user with all its connections if there is a token,
 * otherwise a client with a `clientId`, otherwise a connection. Throws a TypeError if the name is invalid.
 */
export function presence<Info, Input = Info>(
  name: string,
  { info: schema }: PresenceOptions<Info, Input> = {},
): PresenceChannel<Info, Input> {
  const decodeInfo = (info: unknown) => decode<Info>(name, schema, info)
  const decodePresent = async (data: unknown): Promise<Present<Info>> => {
    const present = data as Present // published by `reconcile`
    return { ...present, members: present.members && (await decodeMembers(present.members)) }
  }
  /** Skips members whose description the schema rejects: they may have joined before the schema was changed. */
  const decodeMembers = async (members: readonly Member[]): Promise<readonly Member<Info>[]> => {
    const decoded = members.map(async ({ id, info }) => [{ id, info: await decodeInfo(info) }])
    return (await Promise.all(decoded.map((member) => member.catch(() => [])))).flat()
  }
  const ephemeral = channel<Present<Info>>(name, { log: false })
  const definition: ChannelDefinition & { readonly log: false } = { name, log: false, decode: decodePresent, reconcile }
  return Object.assign(definition, {
    complete: (keys: Keys, options?: Omit<CompletionOptions, 'tags'>) => ephemeral.complete(keys, options),
    field: <Args, Context, EventContext, Result>({
      subscribe,
      resolve,
    }: PresenceFieldOptions<Info, Input, Args, Context, EventContext, Result>): SubscriptionField<
      Args,
      Context,
      EventContext,
      Result
    > => ({
      channel: definition,
      subscribe: async (_root, args, context) => {
        const { keys, member } = await subscribe(args, context)
        const topic = asUserInput(() => channelTopic(name, keys))
        if (member !== undefined) await decodeInfo(member)
        return new TopicSource({
          topics: [topic],
          log: undefined,
          after: undefined,
          initial: async () => decodePresent(presentOf(await rooms().stateOf(topic))),
          member: member === undefined ? undefined : asUserInput(() => infoText(member)),
        })
      },
      resolve: (event, _args, context) => {
        if (event instanceof Error) throw event // the state could not be read
        const envelope = event as Envelope<Present<Info>>
        return resolve ? resolve(envelope, context) : (envelope.data as Result & Present<Info>)
      },
    }),
    present: async (keys: Keys, { first = 100 }: { readonly first?: number } = {}) => {
      const topic = asUserInput(() => channelTopic(name, keys))
      asUserInput(() => {
        checkFirst(first)
      })
      const state = presentOf(await rooms().stateOf(topic))
      const members = state.members ?? [...(await rooms().list(topic, first)).members.values()]
      return { ...state, members: await decodeMembers(members.slice(0, first)) }
    },
  })
}

const rooms = () => createRooms({ table: clientsTable() })

function infoText(info: unknown): string {
  const text = JSON.stringify(info)
  const bytes = Buffer.byteLength(text)
  if (bytes <= maxInfoBytes) return text
  throw new TypeError(`Expected "member" to have at most ${maxInfoBytes} bytes as JSON, got ${bytes}.`)
}

function checkFirst(first: number): void {
  if (Number.isInteger(first) && first >= 1 && first <= maxFirst) return
  throw new TypeError(`Expected "first" to be a whole number from 1 to ${maxFirst}, got ${first}.`)
}
