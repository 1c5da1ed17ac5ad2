export { handler } from 'serverless-graphql-subscriptions/disconnect'
