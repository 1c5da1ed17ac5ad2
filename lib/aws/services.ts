import { required } from '../environment'
import { rememberCredentials } from './credentials'
import { serviceUrl } from './service-url'

/** The addresses of AWS services in the process's region, and the credentials to call them with. */
export function awsServices(environment: NodeJS.ProcessEnv = process.env) {
  const region = required('AWS_REGION', environment)
  const credentials = rememberCredentials()
  return {
    region,
    credentials,
    at: (service: string) => ({ url: serviceUrl({ service, region, environment }), region, credentials }),
  }
}
