export { handler } from '../lib/handlers/disconnect'
