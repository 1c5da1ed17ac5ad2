/** API Gateway closes with 1009 at a frame of more than 32 KB, and WebSockets send a message in one frame. */
export const maxFrameBytes = 32_768

/** What a cursor adds to an operation that is sent again. */
export const cursorBytes = 100

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}

export function tooLarge(bytes: number): string {
  return `The message has ${bytes} bytes as JSON. API Gateway takes at most ${maxFrameBytes}: send less at once.`
}
