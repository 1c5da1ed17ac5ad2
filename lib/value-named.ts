/**
 * Finds a value by its name in any case of letters, such as a header. If several match, the first one is returned.
 *
 * @param name in lower case
 */
export function valueNamed<Value>(name: string, values: Readonly<Record<string, Value>> = {}): Value | undefined {
  return Object.entries(values).find(([each]) => each.toLowerCase() === name)?.[1]
}
