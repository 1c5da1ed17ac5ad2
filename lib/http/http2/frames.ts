import { MalformedResponseError } from '../http-message'

/** The frames of HTTP/2: RFC 9113, sections 4 and 6. */
export const frameType = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const flag = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const

export const setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
} as const

export const errorCode = { none: 0, refusedStream: 7, cancel: 8, http11Required: 13 } as const

/** Octets, until the peer changes it. */
export const defaultWindow = 65_535
/** Octets that each side has to accept. Longer frames would save nothing, as frames go out together. */
export const maxFrame = 16_384

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const headBytes = 9
const slabBytes = 65_536

/** Collects frames that go out together. */
export class FrameWriter {
  #slab = Buffer.allocUnsafe(slabBytes)
  #start = 0
  #at = 0
  #full: Buffer[] = []

  /** The client's connection preface: section 3.4. */
  preface(settings: readonly (readonly [id: number, value: number])[]): void {
    this.#room(preface.length)
    this.#at += this.#slab.write(preface, this.#at, 'latin1')
    this.#head(settings.length * 6, frameType.settings, 0, 0)
    for (const [id, value] of settings) {
      this.#at = this.#slab.writeUInt32BE(value, this.#slab.writeUInt16BE(id, this.#at))
    }
  }

  /** A header block, one character a byte, in as many frames as it needs. */
  headers(streamId: number, block: string, endStream: boolean): void {
    for (let sent = 0; sent === 0 || sent < block.length; sent += maxFrame) {
      const part = sent === 0 && block.length <= maxFrame ? block : block.slice(sent, sent + maxFrame)
      const isLast = sent + maxFrame >= block.length
      const flags = (isLast ? flag.endHeaders : 0) | (endStream && sent === 0 ? flag.endStream : 0)
      this.#head(part.length, sent === 0 ? frameType.headers : frameType.continuation, flags, streamId)
      this.#at += this.#slab.write(part, this.#at, 'latin1')
    }
  }

  /** A whole body. */
  text(streamId: number, text: string, bytes: number): void {
    this.#head(bytes, frameType.data, flag.endStream, streamId)
    this.#at += this.#slab.write(text, this.#at)
  }

  /** A part of a body. */
  data(streamId: number, data: Buffer, endStream: boolean): void {
    this.#head(data.length, frameType.data, endStream ? flag.endStream : 0, streamId)
    this.#at += data.copy(this.#slab, this.#at)
  }

  acknowledgeSettings(): void {
    this.#head(0, frameType.settings, flag.ack, 0)
  }

  acknowledgePing(payload: Buffer): void {
    this.#head(payload.length, frameType.ping, flag.ack, 0)
    this.#at += payload.copy(this.#slab, this.#at)
  }

  windowUpdate(streamId: number, octets: number): void {
    this.#head(4, frameType.windowUpdate, 0, streamId)
    this.#at = this.#slab.writeUInt32BE(octets, this.#at)
  }

  cancel(streamId: number): void {
    this.#head(4, frameType.resetStream, 0, streamId)
    this.#at = this.#slab.writeUInt32BE(errorCode.cancel, this.#at)
  }

  /** Takes what was written since the last call. */
  take(): readonly Buffer[] {
    this.#cut()
    const taken = this.#full
    this.#full = []
    return taken
  }

  #head(bytes: number, type: number, flags: number, streamId: number): void {
    this.#room(headBytes + bytes)
    const [slab, at] = [this.#slab, this.#at]
    slab[at] = bytes >>> 16
    slab[at + 1] = bytes >>> 8
    slab[at + 2] = bytes
    slab[at + 3] = type
    slab[at + 4] = flags
    this.#at = slab.writeUInt32BE(streamId, at + 5)
  }

  #room(bytes: number): void {
    if (this.#slab.length - this.#at >= bytes) return
    this.#cut()
    this.#slab = Buffer.allocUnsafe(Math.max(slabBytes, bytes))
    this.#start = this.#at = 0
  }

  #cut(): void {
    if (this.#at > this.#start) this.#full.push(this.#slab.subarray(this.#start, this.#at))
    this.#start = this.#at
  }
}

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly streamId: number
  readonly payload: Buffer
}

/** Finds the frames in the pieces that a connection receives. */
export class FrameReader {
  #unread: Buffer | undefined

  /** Calls back with each complete frame. Throws a MalformedResponseError if one is longer than `maxFrame`. */
  push(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    const data = this.#unread ? Buffer.concat([this.#unread, chunk]) : chunk
    let at = 0
    while (data.length - at >= headBytes) {
      const bytes = data.readUIntBE(at, 3)
      if (bytes > maxFrame)
        throw new MalformedResponseError(`A frame of HTTP/2 has ${bytes} octets; at most ${maxFrame} are allowed.`)
      const start = at + headBytes
      if (data.length - start < bytes) break
      const [type, flags] = [data.readUInt8(at + 3), data.readUInt8(at + 4)]
      at = start + bytes
      onFrame({ type, flags, streamId: data.readUInt32BE(start - 4) & 0x7fff_ffff, payload: data.subarray(start, at) })
    }
    this.#unread = at < data.length ? data.subarray(at) : undefined
  }
}

/** The payload of a headers or data frame without padding and priority: sections 6.1 and 6.2. */
export function contentOf({ type, flags, payload }: Frame): Buffer {
  const padding = flags & flag.padded ? (payload[0] ?? 0) : 0
  const start = (flags & flag.padded ? 1 : 0) + (type === frameType.headers && flags & flag.priority ? 5 : 0)
  if (start + padding > payload.length)
    throw new MalformedResponseError('A frame of HTTP/2 is shorter than its padding.')
  return payload.subarray(start, payload.length - padding)
}
