import { required } from '../lib'
import { translateInto } from '../translation/translate-into'

export const handler = translateInto(required('TARGET_LANGUAGE'))
