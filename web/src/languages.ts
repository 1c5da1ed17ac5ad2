/** The languages that the service translates into: one for each translate function of serverless.yml. */
export const knownLanguages: readonly string[] = ['fr', 'de']

const names = new Intl.DisplayNames(['en'], { type: 'language' })

/** A language code of Amazon Translate in English: `French` for `fr`. The code itself where it has no name. */
export function languageName(code: string): string {
  return names.of(code) ?? code
}
