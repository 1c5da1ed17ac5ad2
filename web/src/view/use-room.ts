import { useEffect, useState, useSyncExternalStore } from 'react'
import { roomOfAddress, settings } from '../settings'

interface Rooms {
  /** The chat id in the page's address. */
  readonly room: string
  /** The visited rooms, including this one, sorted by name. */
  readonly rooms: readonly string[]
}

/** Follows the room in the page's address, and remembers visited rooms. */
export function useRoom(): Rooms {
  const room = useSyncExternalStore(subscribeToAddress, currentRoom)
  const [earlier] = useState(settings.rooms)
  const [visited, setVisited] = useState<readonly string[]>([])
  if (!visited.includes(room)) setVisited([room, ...visited])
  const rooms = [...new Set([room, ...visited, ...earlier])]
  useEffect(() => {
    settings.rememberRooms(rooms)
  })
  useEffect(() => {
    document.title = `${room} · Chat`
  }, [room])
  return { room, rooms: rooms.sort((a, b) => a.localeCompare(b)) }
}

function currentRoom(): string {
  return roomOfAddress(location.hash)
}

function subscribeToAddress(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => {
    removeEventListener('hashchange', listener)
  }
}
