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
  /** The user's name for the others; empty for none. */
  readonly name: string
  /** Identifies this page in its typing events. */
  readonly self: string
  /** The newest message. Its author no longer counts as writing. */
  readonly newest: ChatMessage | undefined
  /** Whether the room has few enough members to list them. */
  readonly onSmall: (isSmall: boolean) => void
}

/** Shows who is here and who is writing, in a line of constant height, so that the messages do not move. */
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

/** Minimum time between two announcements to screen readers. */
const quietMs = 30_000

/** Delay of an announcement. Writers that stop within it are not announced. */
const speakAfterMs = 500

/** Shows changes at once. Screen readers announce only the first writer after a pause: messages take precedence. */
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

/** The other people who are writing, until they send a message or their typing events expire. */
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

/** Delays a change of the name, so that each keystroke does not create a new member. */
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

function ignore(): void {
  // The room works without presence, and `Following` shows what prevents messages.
}
