export { handler } from 'serverless-graphql-subscriptions/keep-alive'
