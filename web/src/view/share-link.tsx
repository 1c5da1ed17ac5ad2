import { useEffect, useState } from 'react'

const thanksMs = 2_500

/** Copies the address of the room. */
export function ShareLink() {
  const [answer, setAnswer] = useState<string>()
  useEffect(() => {
    if (answer === undefined) return undefined
    const forget = setTimeout(() => {
      setAnswer(undefined)
    }, thanksMs)
    return () => {
      clearTimeout(forget)
    }
  }, [answer])

  function copy(): void {
    copyAddress().then(
      () => {
        setAnswer('Link copied')
      },
      () => {
        setAnswer('Copy it from the address bar')
      },
    )
  }

  return (
    <div className="share">
      <button type="button" className="quiet" onClick={copy}>
        Copy link
      </button>
      <span role="status">{answer}</span>
    </div>
  )
}

/** Rejects if the browser denies it, or has no clipboard, as over plain HTTP. */
async function copyAddress(): Promise<void> {
  await navigator.clipboard.writeText(location.href)
}
