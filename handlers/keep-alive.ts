export { handler } from '../lib/handlers/keep-alive'
