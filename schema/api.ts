import { schema } from '.'
import { required } from '../lib/environment'
import { graphqlContexts } from './graphql-context'

/** The chat, as the core serves it. */
export const api = {
  schema,
  contextFor: graphqlContexts({ requestsTopicArn: required('REQUESTS_TOPIC_ARN') }),
}
