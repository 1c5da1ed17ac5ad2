import { type Protocol, protocols } from './connection/protocols'
import { knownLanguages } from './languages'

const nameKey = 'chat.name'
const languagesKey = 'chat.languages'
const roomsKey = 'chat.rooms'
const tokenKey = 'chat.token'

const firstRoom = 'lobby'
const rememberedRooms = 12

/** The room in the page's address: `#/lobby`. */
export function roomOfAddress(hash: string): string {
  const [, encoded = ''] = /^#\/(.+)$/.exec(hash) ?? []
  return decoded(encoded).trim() || firstRoom
}

export function addressOfRoom(room: string): string {
  return `#/${encodeURIComponent(room)}`
}

/** The protocol in the page's address, `?protocol=`. Default: the one that most clients use. */
export function protocolOfAddress(search: string): Protocol {
  const wanted = new URLSearchParams(search).get('protocol')
  return protocols.find((protocol) => protocol === wanted) ?? 'graphql-ws'
}

export const settings = {
  name: () => read(localStorage, nameKey) ?? '',
  rememberName: (name: string) => {
    write(localStorage, nameKey, name)
  },
  /** The selected languages. Default: all. */
  languages: () => {
    const remembered = read(localStorage, languagesKey)
    return remembered === undefined
      ? knownLanguages
      : knownLanguages.filter((language) => remembered.split(' ').includes(language))
  },
  rememberLanguages: (languages: readonly string[]) => {
    write(localStorage, languagesKey, languages.join(' '))
  },
  /** Most recent first. */
  rooms: () => (read(localStorage, roomsKey) ?? '').split('\n').filter((room) => room !== ''),
  rememberRooms: (rooms: readonly string[]) => {
    write(localStorage, roomsKey, rooms.slice(0, rememberedRooms).join('\n'))
  },
  /** Kept for this tab only, because a token must not outlive the session. */
  token: () => read(sessionStorage, tokenKey) ?? '',
  rememberToken: (token: string) => {
    write(sessionStorage, tokenKey, token)
  },
} as const

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // an incomplete escape sequence, for example in a truncated link
  }
}

function read(storage: Storage, key: string): string | undefined {
  try {
    return storage.getItem(key) ?? undefined
  } catch {
    return undefined // the browser denies access to storage
  }
}

function write(storage: Storage, key: string, value: string): void {
  try {
    storage.setItem(key, value)
  } catch {
    // Denied or full: the setting is lost with the page.
  }
}
