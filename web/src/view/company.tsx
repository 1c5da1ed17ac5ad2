import { useSubscription } from '@apollo/client/react'
import { useEffect, useRef, useState } from 'react'
import {
  afterWriting,
  companyInWords,
  laterOf,
  namesOf,
  type Present,
  type Writer,
  writersInWords,
  writingMs,
} from '../company/company'
import type { ChatMessage } from '../conversation/conversation'
import { PresenceDocument, TypingDocument } from '../generated'

interface CompanyProps {
  readonly chatId: string
  /** As others shall see the reader; empty for none. */
  readonly name: string
  /** What this page calls itself when its reader writes. */
  readonly self: string
  /** The newest message: its author has ceased to write. */
  readonly newest: ChatMessage | undefined
  /** Whether the room has so few members that they are named. */
  readonly onSmall: (isSmall: boolean) => void
}

/** Who is here and who is writing, in one line that is always as high: nothing that is read moves for it. */
export function Company({ chatId, name, self, newest, onSmall }: CompanyProps) {
  const [present, setPresent] = useState<Present>()
  const settledName = useSettled(name)
  useSubscription(PresenceDocument, {
    variables: { chatId, name: settledName },
    fetchPolicy: 'no-cache',
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      if (!data) return
      setPresent((known) => laterOf(known, data.presence))
      onSmall(data.presence.members != null)
    },
    onError: ignore,
  })
  const writers = useWriters({ chatId, self, newest })
  return (
    <div className="company">
      <Writing words={writersInWords(writers)} />
      {present && present.count > 0 && <People present={present} />}
    </div>
  )
}

const peopleId = 'people'

function People({ present }: { readonly present: Present }) {
  const { names, others } = namesOf(present)
  return (
    <>
      <button type="button" className="people quiet" popoverTarget={peopleId}>
        {companyInWords(present)}
      </button>
      <section id={peopleId} className="people-list" popover="auto" aria-label="Who is here">
        <h2>{present.count.toLocaleString('en')} here</h2>
        {names.length > 0 && (
          <ul>
            {names.map((name, index) => (
              <li key={`${name} ${index}`} dir="auto">
                {name}
              </li>
            ))}
          </ul>
        )}
        {others > 0 && <p>{others === 1 ? '1 without a name' : `${others.toLocaleString('en')} without a name`}</p>}
      </section>
    </>
  )
}

/** How long a screen reader is told nothing more of who is writing. */
const quietMs = 30_000

/** Who stops at once is not worth a word. */
const speakAfterMs = 500

/** Shown as it changes. Read aloud when somebody begins, and then not for a while: conversations are for their messages. */
function Writing({ words }: { readonly words: string }) {
  const [spoken, setSpoken] = useState('')
  const spokenAtMs = useRef(-Infinity)
  useEffect(() => {
    const speaking = setTimeout(() => {
      if (words !== '' && Date.now() - spokenAtMs.current < quietMs) return
      if (words !== '') spokenAtMs.current = Date.now()
      setSpoken(words)
    }, speakAfterMs)
    return () => {
      clearTimeout(speaking)
    }
  }, [words])
  return (
    <p className="writing">
      <span aria-hidden="true">{words === '' ? '' : `${words} …`}</span>
      <span role="status" className="unseen">
        {spoken}
      </span>
    </p>
  )
}

/** Those who write, but for the reader, until they send what they write or have said nothing for a while. */
function useWriters({ chatId, self, newest }: Pick<CompanyProps, 'chatId' | 'self' | 'newest'>): readonly Writer[] {
  const [writers, setWriters] = useState<readonly Writer[]>([])
  useSubscription(TypingDocument, {
    variables: { chatId },
    fetchPolicy: 'no-cache',
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      if (!data || data.typing.by === self) return
      const { by, name } = data.typing
      setWriters((known) => afterWriting(known, { by, name: name ?? 'Somebody', untilMs: Date.now() + writingMs }))
    },
    onError: ignore,
  })

  const [heard, setHeard] = useState(newest?.key)
  if (newest && heard !== newest.key) {
    setHeard(newest.key)
    setWriters(writers.filter(({ name }) => name !== newest.author))
  }

  const nextEndMs = Math.min(...writers.map(({ untilMs }) => untilMs))
  useEffect(() => {
    if (nextEndMs === Infinity) return undefined
    const ending = setTimeout(
      () => {
        setWriters((known) => known.filter(({ untilMs }) => untilMs > Date.now()))
      },
      Math.max(0, nextEndMs - Date.now()) + 1,
    )
    return () => {
      clearTimeout(ending)
    }
  }, [nextEndMs])
  return writers
}

/** Nobody is a new member at each letter of their name. */
const settledMs = 1_000

function useSettled(name: string): string {
  const [settled, setSettled] = useState(name)
  useEffect(() => {
    const settling = setTimeout(() => {
      setSettled(name)
    }, settledMs)
    return () => {
      clearTimeout(settling)
    }
  }, [name])
  return settled
}

/** A room without company is a room all the same: what keeps messages from coming is said where they are followed. */
function ignore(): void {
  // see above
}
