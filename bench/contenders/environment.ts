/** Maximum number of connections per contender. */
export const concurrency = 100

/** The addresses of the stand-ins, for contenders that do not find them like the functions. */
export function environmentOf(environment: NodeJS.ProcessEnv) {
  const callbackUrl = environment['CALLBACK_URL']
  if (callbackUrl === undefined) throw new Error('CALLBACK_URL is not set: run contenders through bench/run.ts.')
  return { callbackUrl, credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' } }
}
