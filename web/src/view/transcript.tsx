import { memo, type UIEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { ChatMessage, Conversation } from '../conversation/conversation'
import { Message, type MessageActions } from './message'

interface TranscriptProps extends MessageActions {
  readonly room: string
  readonly conversation: Conversation
  readonly languages: readonly string[]
}

/** The transcript follows new messages if it is scrolled to within this distance of its end, in pixels. */
const nearEndPx = 48

/** The conversation. It stays scrolled to its end unless the user has scrolled away. */
export function Transcript({ room, conversation, languages, ...actions }: TranscriptProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)
  /** Like `atEnd`, but without React's delay: content of the same frame must not scroll a user back. */
  const follows = useRef(true)
  const [atEnd, setAtEnd] = useState(true)
  const [seen, setSeen] = useState(0)
  const unseen = atEnd ? 0 : Math.max(0, conversation.length - seen)
  const lastOfMine = conversation.findLast(({ mine }) => mine)?.key

  // Show the user's own new message, wherever the transcript is scrolled to.
  useLayoutEffect(() => {
    follows.current = true
  }, [lastOfMine])

  useLayoutEffect(() => {
    if (follows.current) scrollToEnd(scroller.current)
  }, [conversation, languages])

  // Content out of view has an estimated height until it comes into view.
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (follows.current) scrollToEnd(scroller.current)
    })
    for (const element of [list.current, scroller.current]) if (element) observer.observe(element)
    return () => {
      observer.disconnect()
    }
  }, [])

  function onScroll({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: UIEvent<HTMLElement>): void {
    const near = scrollHeight - scrollTop - clientHeight < nearEndPx
    follows.current = near
    setAtEnd(near)
    if (near || atEnd) setSeen(conversation.length)
  }

  return (
    <div className="transcript">
      <div
        ref={scroller}
        className="scroller"
        role="log"
        aria-label={`Messages in ${room}`}
        tabIndex={0}
        onScroll={onScroll}
      >
        {conversation.length === 0 && <Empty />}
        <div ref={list} className="pages">
          {pagesOf(conversation).map(({ start, ...page }) => (
            <Page key={start} {...page} languages={languages} {...actions} />
          ))}
        </div>
      </div>
      {unseen > 0 && (
        <button
          type="button"
          className="to-end"
          onClick={() => {
            scrollToEnd(scroller.current)
            scroller.current?.focus()
          }}
        >
          {unseen === 1 ? '1 new message' : `${unseen} new messages`}
        </button>
      )}
    </div>
  )
}

function scrollToEnd(scroller: HTMLElement | null): void {
  scroller?.scrollTo({ top: scroller.scrollHeight, behavior: 'instant' })
}

function Empty() {
  return (
    <div className="empty">
      <p>Nothing here yet.</p>
      <p>
        Say something, or open this room in a second window: what is written in one appears in both, with its
        translations.
      </p>
    </div>
  )
}

/** A memoised group of messages: a new message re-renders one group, not thousands of messages. */
const pageLength = 50

interface PageOfMessages {
  readonly messages: Conversation
  /** The message before the first one. */
  readonly before: ChatMessage | undefined
}

function pagesOf(conversation: Conversation): readonly (PageOfMessages & { readonly start: number })[] {
  const pages = []
  for (let start = 0; start < conversation.length; start += pageLength) {
    pages.push({ start, messages: conversation.slice(start, start + pageLength), before: conversation[start - 1] })
  }
  return pages
}

interface PageProps extends PageOfMessages, MessageActions {
  readonly languages: readonly string[]
}

const Page = memo(function Page({ messages, before, languages, onSendAgain, onTakeBack }: PageProps) {
  return (
    <ol className="messages">
      {messages.map((message, index) => (
        <Message
          key={message.key}
          message={message}
          continues={continues(messages[index - 1] ?? before, message)}
          languages={languages}
          onSendAgain={onSendAgain}
          onTakeBack={onTakeBack}
        />
      ))}
    </ol>
  )
}, looksTheSame)

function looksTheSame(a: PageProps, b: PageProps): boolean {
  return (
    a.languages === b.languages &&
    a.before === b.before &&
    a.onTakeBack === b.onTakeBack &&
    a.onSendAgain === b.onSendAgain &&
    a.messages.length === b.messages.length &&
    a.messages.every((message, index) => message === b.messages[index])
  )
}

/** After a pause this long, the author's name is shown again. */
const pauseMs = 5 * 60_000

function continues(before: ChatMessage | undefined, message: ChatMessage): boolean {
  if (before?.author !== message.author || before.mine !== message.mine) return false
  return Date.parse(message.at) - Date.parse(before.at) < pauseMs
}
