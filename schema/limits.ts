import { GraphQLError } from 'graphql'

/** `TranslateText` takes at most 10,000 bytes of UTF-8 ("Guidelines and quotas", Amazon Translate). */
const maxTextBytes = 10_000
/** A member of a room may have at most 256 bytes. */
const maxMemberNameBytes = 128
const maxTypistBytes = 64
const maxNameBytes = 256
/** More than Amazon Translate supports. */
const maxLanguages = 100
/** Maximum number of messages per page, so that an answer stays within 128 KB. */
const maxFirst = 500
/** A language code of Amazon Translate: `fr`, `zh-TW`, `es-MX`. */
const languageCode = /^[a-z]{2,3}(-[A-Za-z]{2,4})?$/

/** Throws a BAD_USER_INPUT that names the argument if the text is empty or too long to translate. */
export function checkText(name: string, text: string): void {
  checkLength({ name, value: text, maxBytes: maxTextBytes })
  if (text.trim() === '') throw badUserInput(`"${name}" must not be empty.`)
}

/** Throws a BAD_USER_INPUT that names the argument if it cannot be the id of a chat. */
export function checkChatId(chatId: string): void {
  if (chatId === '') throw badUserInput('"chatId" must not be empty.')
  checkLength({ name: 'chatId', value: chatId, maxBytes: maxNameBytes })
}

/** Throws a BAD_USER_INPUT that names the argument if it cannot be the name of a user. */
export function checkUser(name: string, user: string): void {
  if (user === '') throw badUserInput(`"${name}" must not be empty.`)
  checkLength({ name, value: user, maxBytes: maxNameBytes })
}

/** Throws a BAD_USER_INPUT that names the argument if it cannot be the name of an author. */
export function checkAuthor(author: string): void {
  checkLength({ name: 'author', value: author, maxBytes: maxNameBytes })
}

/** Throws a BAD_USER_INPUT that names the argument if it cannot be the name of a member of a chat. */
export function checkMemberName(name: string | null | undefined): string | null {
  if (name == null || name.trim() === '') return null
  checkLength({ name: 'name', value: name, maxBytes: maxMemberNameBytes })
  return name
}

/** Throws a BAD_USER_INPUT that names the argument if it cannot identify a writer. */
export function checkTypist(by: string): string {
  if (by === '') throw badUserInput('"by" must not be empty.')
  checkLength({ name: 'by', value: by, maxBytes: maxTypistBytes })
  return by
}

/**
 * Returns the languages; undefined for all. Throws a BAD_USER_INPUT if the list is empty or contains anything but
 * language codes.
 */
export function checkLanguages(languages: readonly string[] | null | undefined): readonly string[] | undefined {
  if (languages == null) return undefined
  if (languages.length === 0)
    throw badUserInput('"languages" must name at least one language. Omit it to follow all of them.')
  if (languages.length > maxLanguages) throw badUserInput(`"languages" must name at most ${maxLanguages} languages.`)
  const wrong = languages.find((language) => !languageCode.test(language))
  if (wrong !== undefined) {
    throw badUserInput(`"languages" must hold language codes such as "fr", not ${JSON.stringify(wrong.slice(0, 40))}.`)
  }
  return languages
}

/** Throws a BAD_USER_INPUT unless this is a valid number of messages for one page. */
export function checkFirst(first: number): void {
  if (first < 1 || first > maxFirst) throw badUserInput(`"first" must be from 1 to ${maxFirst}, not ${first}.`)
}

/** Throws a BAD_USER_INPUT unless this is undefined, 0 or the `sequence` of a message. */
export function checkAfter(after: number | null | undefined): void {
  if (after != null && after < 0) throw badUserInput(`"after" must be 0 or the "sequence" of a message, not ${after}.`)
}

function checkLength({ name, value, maxBytes }: { name: string; value: string; maxBytes: number }): void {
  // Half of a surrogate pair has no UTF-8 encoding, so another text would arrive.
  if (!value.isWellFormed()) throw badUserInput(`"${name}" must be well-formed Unicode.`)
  const bytes = Buffer.byteLength(value)
  if (bytes > maxBytes) throw badUserInput(`"${name}" must be at most ${maxBytes} bytes of UTF-8, but is ${bytes}.`)
}

function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}
