import { type SubmitEvent, useEffect, useRef } from 'react'
import { addressOfRoom, protocolOfAddress } from '../settings'
import { protocols } from '../connection/protocols'
import { Credentials, type CredentialsProps } from './credentials'

const menuId = 'menu'

interface MenuProps extends CredentialsProps {
  readonly room: string
  readonly rooms: readonly string[]
}

/** The rooms and rarely used settings: beside the room if there is space, otherwise opened by `MenuButton`. */
export function Menu({ room, rooms, ...credentials }: MenuProps) {
  const menu = useRef<HTMLElement>(null)
  useEffect(() => {
    if (menu.current?.matches(':popover-open')) menu.current.hidePopover()
  }, [room])
  return (
    <nav ref={menu} id={menuId} className="menu" popover="auto" aria-label="Rooms and settings">
      <h2>Rooms</h2>
      <ul className="rooms">
        {rooms.map((other) => (
          <li key={other}>
            <a href={addressOfRoom(other)} dir="auto" aria-current={other === room ? 'page' : undefined}>
              {other}
            </a>
          </li>
        ))}
      </ul>
      <form className="line" onSubmit={goToRoom}>
        <label htmlFor="other-room" className="unseen">
          Another room
        </label>
        <input
          id="other-room"
          name="room"
          dir="auto"
          placeholder="Another room"
          autoComplete="off"
          maxLength={64}
          required
        />
        <button type="submit">Go</button>
      </form>
      <details className="settings" open={credentials.authToken !== ''}>
        <summary>Connection</summary>
        <Protocols />
        <Credentials {...credentials} />
      </details>
    </nav>
  )
}

export function MenuButton() {
  return (
    <button type="button" className="menu-button quiet" popoverTarget={menuId}>
      Rooms
    </button>
  )
}

/** Each protocol has its own address, so both can be open at once. */
function Protocols() {
  const chosen = protocolOfAddress(location.search)
  return (
    <p className="protocols">
      Protocol{' '}
      {protocols.map((protocol) => (
        <a
          key={protocol}
          href={`?protocol=${protocol}${location.hash}`}
          aria-current={protocol === chosen ? 'true' : undefined}
        >
          {protocol}
        </a>
      ))}
    </p>
  )
}

function goToRoom(event: SubmitEvent<HTMLFormElement>): void {
  event.preventDefault()
  const form = event.currentTarget
  const room = new FormData(form).get('room')
  if (typeof room !== 'string' || room.trim() === '') return
  form.reset()
  location.hash = addressOfRoom(room.trim())
}
