export { translationFailed as handler } from '../translation/translation-failed'
