import { required } from '../environment'
import { rememberCredentials } from './credentials'
import { serviceUrl } from './service-url'

/** Where the process's AWS services are, and what it calls them with. */
export function awsServices(environment: NodeJS.ProcessEnv = process.env) {
  const region = required('AWS_REGION', environment)
  const credentials = rememberCredentials()
  return {
    region,
    credentials,
    at: (service: string) => ({ url: serviceUrl({ service, region, environment }), region, credentials }),
  }
}
