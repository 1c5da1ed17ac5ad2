import { type Protocol, protocols } from './connection/protocols'
import { knownLanguages } from './languages'

const nameKey = 'chat.name'
const languagesKey = 'chat.languages'
const roomsKey = 'chat.rooms'
const tokenKey = 'chat.token'

const firstRoom = 'lobby'
const rememberedRooms = 12

/** The room that the address names, `#/lobby`: what a shared link leads to. */
export function roomOfAddress(hash: string): string {
  const [, encoded = ''] = /^#\/(.+)$/.exec(hash) ?? []
  return decoded(encoded).trim() || firstRoom
}

export function addressOfRoom(room: string): string {
  return `#/${encodeURIComponent(room)}`
}

/** The protocol that the address asks for with `?protocol=`; without it, the one that most clients speak. */
export function protocolOfAddress(search: string): Protocol {
  const wanted = new URLSearchParams(search).get('protocol')
  return protocols.find((protocol) => protocol === wanted) ?? 'graphql-ws'
}

export const settings = {
  name: () => read(localStorage, nameKey) ?? '',
  rememberName: (name: string) => {
    write(localStorage, nameKey, name)
  },
  /** Those that were picked, or all until somebody picked. */
  languages: () => {
    const remembered = read(localStorage, languagesKey)
    return remembered === undefined
      ? knownLanguages
      : knownLanguages.filter((language) => remembered.split(' ').includes(language))
  },
  rememberLanguages: (languages: readonly string[]) => {
    write(localStorage, languagesKey, languages.join(' '))
  },
  /** The latest first. */
  rooms: () => (read(localStorage, roomsKey) ?? '').split('\n').filter((room) => room !== ''),
  rememberRooms: (rooms: readonly string[]) => {
    write(localStorage, roomsKey, rooms.slice(0, rememberedRooms).join('\n'))
  },
  /** For this tab only: a token is nothing to leave behind. */
  token: () => read(sessionStorage, tokenKey) ?? '',
  rememberToken: (token: string) => {
    write(sessionStorage, tokenKey, token)
  },
} as const

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a link that lost a part of an escape still leads to a room
  }
}

function read(storage: Storage, key: string): string | undefined {
  try {
    return storage.getItem(key) ?? undefined
  } catch {
    return undefined // storage that the browser denies is storage that remembers nothing
  }
}

function write(storage: Storage, key: string, value: string): void {
  try {
    storage.setItem(key, value)
  } catch {
    // Denied or full: the setting lasts as long as the page.
  }
}
