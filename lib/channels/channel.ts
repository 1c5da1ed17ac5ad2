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
   * Whether events are logged. `false` is an ephemeral channel: no log entry, no replay, nothing held back after a reconnect. Its events
   * cost an index read and a post for each subscriber, and reach those who are connected at that moment.
   */
  readonly log: boolean
  /** Checked when an event is published and when it is received: any Standard Schema (valibot, zod, ArkType, …). */
  readonly data?: StandardSchemaV1<Input, Data>
}

/**
 * Options of a channel on which only the newest event of a key matters, such as a position: one that is older than another that was
 * published is dropped. Its events have no tags.
 */
export interface LatestChannelOptions<Data, Input = Data> extends ChannelOptions<Data, Input> {
  readonly log: false
  readonly ordered: 'latest'
  /**
   * How many events of a key are published in a second at most, 1 to 100, the newest winning; all if left out. An event waits for up to a
   * second divided by this.
   */
  readonly maxPerSecond?: number
}

/** Selects events by key of the index: what does not match is never read. */
export type Where = Keys | Selection

export interface Selection {
  readonly keys: Keys
  /** Only events that have one of these tags, 1 to 100; every event of the key if left out. */
  readonly tags?: readonly string[] | null | undefined
  /** Events of a channel without a log have no numbers. */
  readonly after?: never
}

/** As `Where`, on a channel with a log. */
export type LoggedWhere = Keys | LoggedSelection

export interface LoggedSelection extends Omit<Selection, 'after'> {
  /** The `sequence` of the last event that the client has: what follows it is replayed. From now on if left out. */
  readonly after?: number | null | undefined
}

interface FieldOptions<Event, Selects, Args, Context, EventContext, Result> {
  /** Says what the subscription listens to. May throw a GraphQLError to refuse it, and may read a table first. */
  readonly subscribe: (args: Args, context: Context) => Selects | Promise<Selects>
  /**
   * Turns an event into the field's value: its data if left out. One result serves every subscriber that asked for the same, so it
   * gets neither their arguments nor their identity.
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
   * Reads the present state, which is sent first; everything logged since follows in order. The application writes its state before it
   * publishes, so the state may contain what follows already: its `sequence` is the number up to which it surely does. A subscription
   * that resumes gets what it missed instead. If it throws, the subscription is refused with the error.
   */
  readonly initial?: (args: Args, context: Context) => Data | Promise<Data>
}

/** A subscription field, as a resolver of graphql-js. */
export interface SubscriptionField<Args, Context, EventContext, Result> {
  readonly channel: ChannelDefinition
  readonly subscribe: (root: unknown, args: Args, context: Context) => Promise<TopicSource>
  readonly resolve: (event: unknown, args: unknown, context: EventContext) => Result | Promise<Result>
}

interface DataChannel<Data, Input> extends ChannelDefinition {
  /**
   * An event under a key, to be handed to `publish`. Throws a TypeError that names what is wrong with it.
   *
   * @param keys the parts of one key, not several keys
   * @param data as JSON can carry it and the channel's schema takes it; resolvers get what the schema makes of it
   */
  event(keys: Keys, data: Input, options?: EventOptions): Publication

  /**
   * Ends subscriptions under a key, to be handed to `publish`: each client gets its protocol's `complete`, and its connection stays. Only
   * those that began before; a subscription that begins later is the field's `subscribe` to refuse. Throws as `event` does.
   *
   * On a channel with a log, a completion of a whole key is logged, so a client that is away gets what it missed and is then ended. One with
   * `tags` or `user` is not.
   */
  complete(keys: Keys, options?: CompletionOptions): Publication
  decode(data: unknown): Promise<Data>
}

/** A channel whose events are logged, each under its key, with numbers from 1 on. */
export interface LoggedChannel<Data, Input = Data> extends DataChannel<Data, Input> {
  readonly log: true
  field<Args, Context, EventContext, Result = Data>(
    field: LoggedFieldOptions<Data, Args, Context, EventContext, Result>,
  ): SubscriptionField<Args, Context, EventContext, Result>
}

/** A channel without a log. */
export interface EphemeralChannel<Data, Input = Data> extends DataChannel<Data, Input> {
  readonly log: false
  field<Args, Context, EventContext, Result = Data>(
    field: EphemeralFieldOptions<Data, Args, Context, EventContext, Result>,
  ): SubscriptionField<Args, Context, EventContext, Result>
}

/** A channel without a log on which only the newest event of a key matters. It has no tags. */
export interface LatestChannel<Data, Input = Data> extends DataChannel<Data, Input> {
  readonly log: false
  readonly ordered: 'latest'
  event(keys: Keys, data: Input, options?: Omit<EventOptions, 'tags'>): Publication
  complete(keys: Keys, options?: Omit<CompletionOptions, 'tags'>): Publication
  field<Args, Context, EventContext, Result = Data>(
    field: FieldOptions<Envelope<Data>, Keys | { readonly keys: Keys }, Args, Context, EventContext, Result>,
  ): SubscriptionField<Args, Context, EventContext, Result>
}

/** A kind of event. */
export type Channel<Data, Input = Data> =
  LoggedChannel<Data, Input> | EphemeralChannel<Data, Input> | LatestChannel<Data, Input>

/** A name is part of a key of the index. */
const channelName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/
const maxTags = 100

/** Declares a channel. Throws a TypeError if its name cannot be one, or its options do not go together. */
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
      `Expected a channel's name to be a letter and up to 63 letters, digits, "_" or "-", but not ${reservedNames.join(' or ')}; got "${name}".`,
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
    throw new TypeError(`Channel "${name}" cannot be ordered so: expected ordered: 'latest' together with log: false.`)
  }
  if (maxPerSecond === undefined) return
  if (ordered && Number.isInteger(maxPerSecond) && maxPerSecond >= 1 && maxPerSecond <= 100) return
  throw new TypeError(
    `Expected "maxPerSecond" of channel "${name}" to be a whole number from 1 to 100, together with ordered: 'latest'; got ${maxPerSecond}.`,
  )
}

function subscriptionField<Data, Args, Context, EventContext, Result>(
  channel: ChannelDefinition,
  { subscribe, resolve, initial }: LoggedFieldOptions<Data, Args, Context, EventContext, Result>,
): SubscriptionField<Args, Context, EventContext, Result> {
  if (initial && !channel.log) {
    throw new TypeError(`Channel "${channel.name}" has no log, so its fields cannot have "initial".`)
  }
  return {
    channel,
    subscribe: async (_root, args, context) => {
      const where = await subscribe(args, context)
      return new TopicSource(listening(channel, where, initial && (async () => initial(args, context))))
    },
    resolve: (event, _args, context) => {
      if (event instanceof Error) throw event // the initial state could not be read
      const envelope = event as LoggedEnvelope<Data> // what the publisher executes with, decoded by this channel
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
  if (after != null && !log) throw new TypeError(`Channel "${name}" has no log, so "after" cannot be given.`)
  return {
    topics,
    log: log ? key : undefined,
    after: checkAfter(after),
    initial,
  }
}

/** What is neither is taken for keys, which says best what was expected. */
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
    `Expected "tags" to hold 1 to ${maxTags} tags, got ${distinct.length}. Leave it out for every event.`,
  )
}
