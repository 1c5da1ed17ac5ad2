export { createPublisher, type Publish, type PublisherOptions } from './api/create-publisher'
export {
  type Api,
  type ApiDefinition,
  defineApi,
  type EventDetails,
  type FieldResolver,
  type FieldResolvers,
  type RootResolvers,
} from './api/define-api'
export type { LogPage, ReadLog, Request } from './api/request'
export { topicSender } from './api/topic-sender'
export { sdkTimeOuts } from './aws/sdk-time-outs'
export { forbidden, unauthenticated } from './authentication/refusals'
export {
  type Channel,
  channel,
  type ChannelOptions,
  type EphemeralChannel,
  type EphemeralFieldOptions,
  type LatestChannel,
  type LatestChannelOptions,
  type LoggedChannel,
  type LoggedFieldOptions,
  type LoggedSelection,
  type LoggedWhere,
  type Selection,
  type SubscriptionField,
  type Where,
} from './channels/channel'
export { InvalidEvent } from './channels/decode'
export type { Envelope, LoggedEnvelope } from './channels/envelope'
export {
  type Joining,
  presence,
  type PresenceChannel,
  type PresenceFieldOptions,
  type PresenceOptions,
} from './channels/presence'
export type { CompletionOptions, EventOptions, Publication } from './channels/publication'
export type { Keys } from './channels/topic'
export { required } from './environment'
export { AwsCallError, ConfigurationError } from './errors'
export { acceptConnections } from './handlers/accept-connections'
export { graphqlOverHttp } from './handlers/graphql-over-http'
export { type PublishAnswer, publishEvents } from './handlers/publish-events'
export { receiveMessages } from './handlers/receive-messages'
export type { Identity, KeepClaims } from './identity'
export type { Member, Present } from './presence/room'
export { logger } from './observability/logger'
