export { cleanUpAll as default } from './clean-ups'
