import { required } from 'serverless-graphql-subscriptions'
import { translateInto } from '../translation/translate-into'

export const handler = translateInto(required('TARGET_LANGUAGE'))
