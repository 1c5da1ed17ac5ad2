import { GraphQLError } from 'graphql'

/** `TranslateText` takes at most 10,000 bytes of UTF-8 ("Guidelines and quotas", Amazon Translate). */
const maxTextBytes = 10_000
/** What a member of a room says of itself has at most 256 bytes. */
const maxMemberNameBytes = 128
const maxTypistBytes = 64
const maxNameBytes = 256
/** More than Amazon Translate has. */
const maxLanguages = 100
/** Messages at once: more would not be within the 128 KB of an answer. */
const maxFirst = 500
/** A language code of Amazon Translate: `fr`, `zh-TW`, `es-MX`. */
const languageCode = /^[a-z]{2,3}(-[A-Za-z]{2,4})?$/

/** Throws a BAD_USER_INPUT that names the argument unless the text can be translated as a whole. */
export function checkText(name: string, text: string): void {
  checkLength({ name, value: text, maxBytes: maxTextBytes })
  if (text.trim() === '') throw badUserInput(`"${name}" must not be empty.`)
}

/** Throws a BAD_USER_INPUT that names the argument unless it is fit to name a chat. */
export function checkChatId(chatId: string): void {
  if (chatId === '') throw badUserInput('"chatId" must not be empty.')
  checkLength({ name: 'chatId', value: chatId, maxBytes: maxNameBytes })
}

/** Throws a BAD_USER_INPUT that names the argument unless it is fit to name a user. */
export function checkUser(name: string, user: string): void {
  if (user === '') throw badUserInput(`"${name}" must not be empty.`)
  checkLength({ name, value: user, maxBytes: maxNameBytes })
}

/** Throws a BAD_USER_INPUT that names the argument unless it is fit to name an author. */
export function checkAuthor(author: string): void {
  checkLength({ name: 'author', value: author, maxBytes: maxNameBytes })
}

/** Throws a BAD_USER_INPUT that names the argument unless it is fit to name a member of a chat. */
export function checkMemberName(name: string | null | undefined): string | null {
  if (name == null || name.trim() === '') return null
  checkLength({ name: 'name', value: name, maxBytes: maxMemberNameBytes })
  return name
}

/** Throws a BAD_USER_INPUT unless it is fit to tell those apart who write. */
export function checkTypist(by: string): string {
  if (by === '') throw badUserInput('"by" must not be empty.')
  checkLength({ name: 'by', value: by, maxBytes: maxTypistBytes })
  return by
}

/** The languages; undefined for all. Throws a BAD_USER_INPUT unless these are codes of languages, and at least one. */
export function checkLanguages(languages: readonly string[] | null | undefined): readonly string[] | undefined {
  if (languages == null) return undefined
  if (languages.length === 0)
    throw badUserInput('"languages" must name a language. Leave it out to follow all of them.')
  if (languages.length > maxLanguages) throw badUserInput(`"languages" must name at most ${maxLanguages} languages.`)
  const wrong = languages.find((language) => !languageCode.test(language))
  if (wrong !== undefined) {
    throw badUserInput(`"languages" must hold language codes such as "fr", not ${JSON.stringify(wrong.slice(0, 40))}.`)
  }
  return languages
}

/** Throws a BAD_USER_INPUT unless this is a number of messages that may be asked for. */
export function checkFirst(first: number): void {
  if (first < 1 || first > maxFirst) throw badUserInput(`"first" must be from 1 to ${maxFirst}, not ${first}.`)
}

/** Throws a BAD_USER_INPUT unless this can be the `sequence` of a message, or 0, or is left out. */
export function checkAfter(after: number | null | undefined): void {
  if (after != null && after < 0) throw badUserInput(`"after" must be 0 or the "sequence" of a message, not ${after}.`)
}

function checkLength({ name, value, maxBytes }: { name: string; value: string; maxBytes: number }): void {
  // Half of a surrogate pair has no UTF-8: it would arrive as another text than was sent.
  if (!value.isWellFormed()) throw badUserInput(`"${name}" must be well-formed Unicode.`)
  const bytes = Buffer.byteLength(value)
  if (bytes > maxBytes) throw badUserInput(`"${name}" must be at most ${maxBytes} bytes of UTF-8, but is ${bytes}.`)
}

function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}
