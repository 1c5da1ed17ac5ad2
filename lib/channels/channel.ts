import type { StandardSchemaV1 } from '@standard-schema/spec'
import { decode } from './decode'
import type { ChannelDefinition } from './definition'
import type { Envelope, LoggedEnvelope } from './envelope'
import { type CompletionOptions, type EventOptions, noTagsOn, Publication } from './publication'
import { anyTagTopic, channelTopic, distinctTags, type Keys, reservedNames, taggedTopic, type Topic } from './topic'
import { type Listening, TopicSource } from './topic-source'
import { asUserInput, checkAfter } from './user-input'

export interface ChannelOptions<Data, Input = Data> {
  /**
   * Whether events are logged. `false` makes the channel ephemeral: its events are never logged or replayed. Each costs
   * one index read, and one post per subscriber, and reaches only the subscribers that are connected at that moment.
   */
  readonly log: boolean
  /**
   * Validates the data of an event, when it is published and when it is received. Any Standard Schema works: valibot,
   * zod, ArkType, ….
   */
  readonly data?: StandardSchemaV1<Input, Data>
}

/**
 * Options of a channel on which only the newest event of a key matters, such as a position. An event is dropped if a
 * newer one of its key was published. Events have no tags.
 */
export interface LatestChannelOptions<Data, Input = Data> extends ChannelOptions<Data, Input> {
  readonly log: false
  readonly ordered: 'latest'
  /**
   * Maximum number of events per key and second, 1 to 100. Of events in excess, the newest wins. An event waits for up
   * to 1 s divided by this number. Default: no limit.
   */
  readonly maxPerSecond?: number
}

/** Selects events by index key. Events that do not match are never read. */
export type Where = Keys | Selection

export interface Selection {
  readonly keys: Keys
  /** Only events that have one of these tags, 1 to 100. Default: all events of the key. */
  readonly tags?: readonly string[] | null | undefined
  /** Not available: events of an ephemeral channel have no `sequence`. */
  readonly after?: never
}

/** Like `Where`, on a logged channel. */
export type LoggedWhere = Keys | LoggedSelection

export interface LoggedSelection extends Omit<Selection, 'after'> {
  /**
   * The `sequence` of the last event that the client has. Later events are replayed first. Default: only events
   * published from now on.
   */
  readonly after?: number | null | undefined
}

interface FieldOptions<Event, Selects, Args, Context, EventContext, Result> {
  /**
   * Selects the events of a subscription. It may throw a GraphQLError to refuse the subscription, and may read a table
   * first.
   */
  readonly subscribe: (args: Args, context: Context) => Selects | Promise<Selects>
  /**
   * Resolves an event to the field's value. Default: the event's data. One result serves all subscribers with the same
   * operation, so `resolve` receives neither their arguments nor their identity.
   */
  readonly resolve?: (event: Event, context: EventContext) => Result | Promise<Result>
}

export type EphemeralFieldOptions<Data, Args, Context, EventContext, Result> = FieldOptions<
  Envelope<Data>,
  Where,
  Args,
  Context,
  EventContext,
  Result
>

export interface LoggedFieldOptions<Data, Args, Context, EventContext, Result> extends FieldOptions<
  LoggedEnvelope<Data>,
  LoggedWhere,
  Args,
  Context,
  EventContext,
  Result
> {
  /**
   * Reads the current state, which is sent first. Every event logged since follows in order. The application writes its
   * state before it publishes, so the state may already include events that follow; its `sequence` is the number up to
   * which it certainly does. A subscription that resumes receives the events it missed instead. If `initial` throws,
   * the subscription is refused with that error.
   */
  readonly initial?: (args: Args, context: Context) => Data | Promise<Data>
}

/** A subscription field: a resolver for graphql-js. */
export interface SubscriptionField<Args, Context, EventContext, Result> {
  readonly channel: ChannelDefinition
  readonly subscribe: (root: unknown, args: Args, context: Context) => Promise<TopicSource>
  readonly resolve: (event: unknown, args: unknown, context: EventContext) => Result | Promise<Result>
}

interface DataChannel<Data, Input> extends ChannelDefinition {
  /**
   * Creates an event under a key, to pass to `publish`. Throws a TypeError that names the invalid member.
   *
   * @param keys the parts of one key, not several keys
   * @param data must be serialisable as JSON and valid for the channel's schema; resolvers receive the schema's output
   */
  event(keys: Keys, data: Input, options?: EventOptions): Publication

  /**
   * Creates a completion, to pass to `publish`. It ends the subscriptions under a key that began before it: each client
   * receives its protocol's `complete`, and its connection stays open. To refuse later subscriptions, throw in the
   * field's `subscribe`. Throws like `event`.
   *
   * On a logged channel, a completion of a whole key is logged: a client that is away receives the events it missed,
   * then `complete`. A completion with `tags` or `user` is not logged.
   */
  complete(keys: Keys, options?: CompletionOptions): Publication
  decode(data: unknown): Promise<Data>
}

/** A channel whose events are logged under their key, numbered from 1. */
export interface LoggedChannel<Data, Input = Data> extends DataChannel<Data, Input> {
  readonly log: true
  field<Args, Context, EventContext, Result = Data>(
    field: LoggedFieldOptions<Data, Args, Context, EventContext, Result>,
  ): SubscriptionField<Args, Context, EventContext, Result>
}

/** An ephemeral channel: its events are not logged. */
export interface EphemeralChannel<Data, Input = Data> extends DataChannel<Data, Input> {
  readonly log: false
  field<Args, Context, EventContext, Result = Data>(
    field: EphemeralFieldOptions<Data, Args, Context, EventContext, Result>,
  ): SubscriptionField<Args, Context, EventContext, Result>
}

/** An ephemeral channel on which only the newest event of a key matters. Its events have no tags. */
export interface LatestChannel<Data, Input = Data> extends DataChannel<Data, Input> {
  readonly log: false
  readonly ordered: 'latest'
  event(keys: Keys, data: Input, options?: Omit<EventOptions, 'tags'>): Publication
  complete(keys: Keys, options?: Omit<CompletionOptions, 'tags'>): Publication
  field<Args, Context, EventContext, Result = Data>(
    field: FieldOptions<Envelope<Data>, Keys | { readonly keys: Keys }, Args, Context, EventContext, Result>,
  ): SubscriptionField<Args, Context, EventContext, Result>
}

/** A stream of events of one type. */
export type Channel<Data, Input = Data> =
  LoggedChannel<Data, Input> | EphemeralChannel<Data, Input> | LatestChannel<Data, Input>

/** The name is part of an index key. */
const channelName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/
const maxTags = 100

/** Declares a channel. Throws a TypeError if its name is invalid or its options exclude each other. */
export function channel<Data, Input = Data>(
  name: string,
  options: ChannelOptions<Data, Input> & { readonly log: true },
): LoggedChannel<Data, Input>
export function channel<Data, Input = Data>(
  name: string,
  options: LatestChannelOptions<Data, Input>,
): LatestChannel<Data, Input>
export function channel<Data, Input = Data>(
  name: string,
  options: ChannelOptions<Data, Input> & { readonly log: false },
): EphemeralChannel<Data, Input>
export function channel<Data, Input>(
  name: string,
  { data: schema, ...options }: ChannelOptions<Data, Input> & Pick<ChannelDefinition, 'ordered' | 'maxPerSecond'>,
): DataChannel<Data, Input> {
  if (!channelName.test(name) || reservedNames.some((reserved) => reserved === name)) {
    throw new TypeError(
      `Expected the name of a channel to be a letter followed by up to 63 letters, digits, "_" or "-", and not ${reservedNames.join(' or ')}; got "${name}".`,
    )
  }
  checkOrder(name, options)
  const definition = { name, ...options, decode: (data: unknown) => decode(name, schema, data) }
  return Object.assign(definition, {
    event: (keys: Keys, data: Input, event?: EventOptions) =>
      new Publication({ channel: definition, keys, data, ...event }),
    complete: (keys: Keys, { user, ...event }: CompletionOptions = {}) =>
      new Publication({ channel: definition, keys, complete: user === undefined ? true : { user }, ...event }),
    field: <Args, Context, EventContext, Result>(
      field: LoggedFieldOptions<Data, Args, Context, EventContext, Result>,
    ): SubscriptionField<Args, Context, EventContext, Result> => subscriptionField(definition, field),
  })
}

function checkOrder(
  name: string,
  { log, ordered, maxPerSecond }: Pick<ChannelDefinition, 'log' | 'ordered' | 'maxPerSecond'>,
): void {
  if (ordered !== undefined && (log || (ordered as string) !== 'latest')) {
    throw new TypeError(`Expected "ordered" of channel "${name}" to be 'latest', together with log: false.`)
  }
  if (maxPerSecond === undefined) return
  if (ordered && Number.isInteger(maxPerSecond) && maxPerSecond >= 1 && maxPerSecond <= 100) return
  throw new TypeError(
    `Expected "maxPerSecond" of channel "${name}" to be a whole number from 1 to 100, together with ordered: 'latest', got ${maxPerSecond}.`,
  )
}

function subscriptionField<Data, Args, Context, EventContext, Result>(
  channel: ChannelDefinition,
  { subscribe, resolve, initial }: LoggedFieldOptions<Data, Args, Context, EventContext, Result>,
): SubscriptionField<Args, Context, EventContext, Result> {
  if (initial && !channel.log) {
    throw new TypeError(`Expected no "initial" on a field of channel "${channel.name}", which has no log.`)
  }
  return {
    channel,
    subscribe: async (_root, args, context) => {
      const where = await subscribe(args, context)
      return new TopicSource(listening(channel, where, initial && (async () => initial(args, context))))
    },
    resolve: (event, _args, context) => {
      if (event instanceof Error) throw event // reading the initial state failed
      const envelope = event as LoggedEnvelope<Data> // the publisher passes an envelope that this channel has decoded
      return resolve ? resolve(envelope, context) : (envelope.data as Result & Data)
    },
  }
}

function listening(
  { name, log, ordered }: ChannelDefinition,
  where: LoggedWhere,
  initial: Listening['initial'],
): Listening {
  const { keys, tags, after }: LoggedSelection = isSelection(where) ? where : { keys: where }
  const { key, topics } = asUserInput(() => select(name, { keys, tags }))
  if (tags != null && ordered) throw new TypeError(noTagsOn(name))
  if (after != null && !log) throw new TypeError(`Expected no "after" on channel "${name}", which has no log.`)
  return {
    topics,
    log: log ? key : undefined,
    after: checkAfter(after),
    initial,
  }
}

/** Anything that is not a selection is treated as keys, whose check has the clearer error message. */
function isSelection(where: unknown): where is LoggedSelection {
  return typeof where === 'object' && where !== null && !Array.isArray(where)
}

function select(
  name: string,
  { keys, tags }: Omit<Selection, 'after'>,
): Pick<Listening, 'topics'> & { readonly key: Topic } {
  const key = channelTopic(name, keys)
  if (tags == null) return { key, topics: [key] }
  return { key, topics: [anyTagTopic(key), ...checkTags(tags).map((tag) => taggedTopic(key, tag))] }
}

function checkTags(tags: readonly string[]): readonly string[] {
  const distinct = distinctTags(tags)
  if (distinct.length >= 1 && distinct.length <= maxTags) return distinct
  throw new TypeError(
    `Expected "tags" to hold 1 to ${maxTags} tags, got ${distinct.length}. Omit it to select every event.`,
  )
}
