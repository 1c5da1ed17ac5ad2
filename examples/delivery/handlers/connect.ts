export { handler } from 'serverless-graphql-subscriptions/connect'
