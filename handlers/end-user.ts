export { handler } from '../lib/handlers/end-user'
