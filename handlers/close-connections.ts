export { handler } from '../lib/handlers/close-connections'
