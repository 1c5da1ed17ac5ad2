export { handler } from 'serverless-graphql-subscriptions/close-connections'
