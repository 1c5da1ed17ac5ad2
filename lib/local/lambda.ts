import * as v from 'valibot'

/**
 * Invokes a function through serverless-offline's Lambda endpoint, so that it has a worker and an environment of its
 * own, like the functions behind API Gateway. Rejects with the function's error message if it throws or times out
 * (Lambda, "Invoke": a function error is a 200 with the header X-Amz-Function-Error).
 */
export async function invokeFunction(endpoint: string, functionName: string, event: unknown): Promise<void> {
  const url = `${endpoint}/2015-03-31/functions/${functionName}/invocations`
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(event) })
  const body = await response.text()
  if (!response.ok || response.headers.has('x-amz-function-error')) throw new Error(errorMessage(body))
}

/** A function error has `errorMessage`, an error of the endpoint has `Message`. */
const Failure = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([v.object({ errorMessage: v.string() }), v.object({ Message: v.string() })]),
)

function errorMessage(body: string): string {
  const failure = v.safeParse(Failure, body)
  if (!failure.success) return body
  return 'Message' in failure.output ? failure.output.Message : failure.output.errorMessage
}
