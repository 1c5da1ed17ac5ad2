/** Connections of each contender. */
export const concurrency = 100

/** Where the stand-ins are, for those contenders that do not find out as the functions do. */
export function environmentOf(environment: NodeJS.ProcessEnv) {
  const callbackUrl = environment['CALLBACK_URL']
  if (callbackUrl === undefined) throw new Error('CALLBACK_URL is not set: contenders are run by bench/run.ts.')
  return { callbackUrl, credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' } }
}
