import * as v from 'valibot'

const jsonError = v.pipe(v.string(), v.parseJson(), v.object({ __type: v.string() }))

/**
 * The service's code for an error, if the body has one: in JSON `__type` without its namespace ("AWS JSON 1.0
 * protocol", Smithy), in XML the first `<Code>` ("AWS query protocol").
 */
export function errorCodeOf(body: string): string | undefined {
  if (body.startsWith('<')) return body.split('<Code>')[1]?.split('</Code>')[0]
  const { success, output } = v.safeParse(jsonError, body)
  return success ? output.__type.split('#').at(-1) : undefined
}
