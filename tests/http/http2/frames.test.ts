import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { MalformedResponseError } from '../../../lib/http/http-message'
import {
  contentOf,
  flag,
  type Frame,
  FrameReader,
  frameType,
  FrameWriter,
  maxFrame,
} from '../../../lib/http/http2/frames'
import { cut, pieces } from '../support/cut'
import { anyText } from '../../support/any-text'

/** Reads bytes that arrive in pieces of these sizes. @returns the frames, and the error that ended the reading */
function read(
  bytes: Buffer,
  sizes?: readonly number[],
): { readonly frames: readonly Frame[]; readonly error: unknown } {
  const frames: Frame[] = []
  const reader = new FrameReader()
  try {
    for (const piece of cut(bytes, sizes)) reader.push(piece, (frame) => frames.push(frame))
  } catch (error) {
    return { frames, error }
  }
  return { frames, error: undefined }
}

/** Encodes a frame (RFC 9113, section 4.1). A reader must ignore the reserved bit before the stream id. */
function encode({ type, flags, streamId, payload }: Frame, reservedBit: 0 | 1 = 0): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(streamId + reservedBit * 2 ** 31, 5)
  return Buffer.concat([head, payload])
}

const streamId = fc.integer({ min: 1, max: 0x7fff_ffff })
const payload = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes))
const frame: fc.Arbitrary<Frame> = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  flags: fc.integer({ min: 0, max: 255 }),
  streamId: fc.oneof(fc.constant(0), streamId),
  payload: payload(300),
})

describe('a reader of frames', () => {
  test('finds all frames however their bytes are split, and keeps an incomplete one', () => {
    fc.assert(
      fc.property(fc.array(frame), pieces, payload(8), (frames, sizes, beginning) => {
        const bytes = Buffer.concat([...frames.map((each) => encode(each, 1)), beginning])
        expect(read(bytes, sizes)).toEqual({ frames, error: undefined })
      }),
    )
  })

  test('reads any bytes alike however they are split, failing only with a MalformedResponseError', () => {
    const bytes = fc.oneof(
      payload(100),
      fc
        .array(
          fc.oneof(
            frame.map((each) => encode(each)),
            payload(30),
          ),
        )
        .map((parts) => Buffer.concat(parts)),
    )
    fc.assert(
      fc.property(bytes, pieces, (given, sizes) => {
        const whole = read(given)
        if (whole.error !== undefined) expect(whole.error).toBeInstanceOf(MalformedResponseError)
        expect(read(given, sizes)).toEqual(whole)
      }),
      { numRuns: 500 },
    )
  })

  test('accepts a frame of the maximum length, and refuses a longer one', () => {
    const of = (length: number) => read(encode({ type: 0, flags: 0, streamId: 1, payload: Buffer.alloc(length) }))
    expect(of(maxFrame).frames).toHaveLength(1)
    expect(of(maxFrame + 1).error).toBeInstanceOf(MalformedResponseError)
  })
})

describe('the content of a frame', () => {
  test('is the part of the payload between priority and padding', () => {
    const options = fc.record({
      type: fc.constantFrom(frameType.headers, frameType.data),
      padding: fc.option(payload(255), { nil: undefined }),
      priority: fc.option(fc.uint8Array({ minLength: 5, maxLength: 5 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(options, payload(300), ({ type, padding, priority }, content) => {
        const weight = type === frameType.headers ? priority : undefined
        const padded = Buffer.concat([
          Buffer.from(padding ? [padding.length] : []),
          Buffer.from(weight ?? []),
          content,
          padding ?? Buffer.alloc(0),
        ])
        const flags = (padding ? flag.padded : 0) | (weight ? flag.priority : 0)
        expect(contentOf({ type, flags, streamId: 1, payload: padded })).toEqual(content)
      }),
    )
  })

  test('is the rest of its payload, or a MalformedResponseError if priority and padding do not fit', () => {
    const type = fc.constantFrom(frameType.headers, frameType.data)
    const flags = fc.constantFrom(0, flag.padded, flag.priority, flag.padded | flag.priority)
    const short = fc.uint8Array({ maxLength: 20, max: 20 }).map((bytes) => Buffer.from(bytes))
    fc.assert(
      fc.property(type, flags, short, (type, flags, payload) => {
        const padding = flags & flag.padded ? 1 + (payload[0] ?? 0) : 0
        const priority = flags & flag.priority && type === frameType.headers ? 5 : 0
        const content = () => contentOf({ type, flags, streamId: 1, payload })
        if (padding + priority > payload.length) expect(content).toThrow(MalformedResponseError)
        else expect(content()).toHaveLength(payload.length - padding - priority)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a writer of frames', () => {
  /** Calls of the writer, with the frames that a reader must find in the output. */
  const written = fc.oneof(
    fc.tuple(streamId, anyText({ maxLength: 300 })).map(([id, text]) => ({
      write: (writer: FrameWriter) => {
        writer.text(id, text, Buffer.byteLength(text))
      },
      frames: [{ type: frameType.data, flags: flag.endStream, streamId: id, payload: Buffer.from(text) }],
    })),
    fc.tuple(streamId, payload(300), fc.boolean()).map(([id, data, isLast]) => ({
      write: (writer: FrameWriter) => {
        writer.data(id, data, isLast)
      },
      frames: [{ type: frameType.data, flags: isLast ? flag.endStream : 0, streamId: id, payload: data }],
    })),
    fc.tuple(streamId, fc.uint8Array({ minLength: 8, maxLength: 8 })).map(([id, bytes]) => ({
      write: (writer: FrameWriter) => {
        writer.acknowledgePing(Buffer.from(bytes))
        writer.acknowledgeSettings()
        writer.cancel(id)
        writer.windowUpdate(id, 1_000)
      },
      frames: [
        { type: frameType.ping, flags: flag.ack, streamId: 0, payload: Buffer.from(bytes) },
        { type: frameType.settings, flags: flag.ack, streamId: 0, payload: Buffer.alloc(0) },
        { type: frameType.resetStream, flags: 0, streamId: id, payload: Buffer.from([0, 0, 0, 8]) },
        { type: frameType.windowUpdate, flags: 0, streamId: id, payload: Buffer.from([0, 0, 0x03, 0xe8]) },
      ],
    })),
  )

  test('writes frames that a reader reads back, across memory slabs and whenever they are taken', () => {
    const calls = fc.array(fc.tuple(written, fc.integer({ min: 1, max: 100 }), fc.boolean()), { maxLength: 30 })
    fc.assert(
      fc.property(calls, pieces, (given, sizes) => {
        const writer = new FrameWriter()
        const parts: Buffer[] = []
        for (const [{ write }, times, isTaken] of given) {
          for (let n = 0; n < times; n++) write(writer)
          if (isTaken) parts.push(...writer.take())
        }
        parts.push(...writer.take())
        const expected = given.flatMap(([{ frames }, times]) => Array.from({ length: times }, () => frames).flat())
        const { frames, error } = read(
          Buffer.concat(parts),
          sizes.map((size) => size * 100),
        )
        expect(error).toBeUndefined()
        expect(frames).toEqual(expected)
      }),
      { numRuns: 20 },
    )
  })

  test('splits a header block into frames that add up to it', () => {
    const length = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: maxFrame - 1, max: 3 * maxFrame + 1 }))
    fc.assert(
      fc.property(length, fc.boolean(), (bytes, endStream) => {
        const writer = new FrameWriter()
        const block = Array.from({ length: bytes }, (_, n) => String.fromCharCode(n % 256)).join('')
        writer.headers(7, block, endStream)
        const { frames } = read(Buffer.concat(writer.take()))
        expect(Buffer.concat(frames.map((each) => each.payload)).toString('latin1') === block).toBe(true)
        expect(frames.map(({ type }) => type === frameType.headers)).toEqual(frames.map((_, n) => n === 0))
        expect(frames.map(({ flags }) => (flags & flag.endHeaders) > 0)).toEqual(
          frames.map((_, n) => n === frames.length - 1),
        )
        expect(frames.map(({ flags }) => (flags & flag.endStream) > 0)).toEqual(
          frames.map((_, n) => n === 0 && endStream),
        )
        expect(frames.every((each) => each.streamId === 7)).toBe(true)
      }),
    )
  })
})
