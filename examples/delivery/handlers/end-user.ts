export { handler } from 'serverless-graphql-subscriptions/end-user'
