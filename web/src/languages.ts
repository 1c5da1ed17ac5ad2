/** The languages that the service translates into. Each has a translate function in serverless.yml. */
export const knownLanguages: readonly string[] = ['fr', 'de']

const names = new Intl.DisplayNames(['en'], { type: 'language' })

/** The English name of a language code of Amazon Translate: `French` for `fr`; the code itself if it has none. */
export function languageName(code: string): string {
  return names.of(code) ?? code
}
