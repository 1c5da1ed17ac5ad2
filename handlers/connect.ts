export { handler } from '../lib/handlers/connect'
