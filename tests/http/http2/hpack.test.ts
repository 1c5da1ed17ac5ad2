import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { MalformedResponseError } from '../../../lib/http/http-message'
import { decodeStatus } from '../../../lib/http/http2/hpack'

/** The Huffman codes of the digits and of one letter (RFC 7541, appendix B). */
const codes = new Map(
  [...['00000', '00001', '00010', '011001', '011010', '011011', '011100', '011101', '011110', '011111'].entries()].map(
    ([digit, code]) => [String(digit), code],
  ),
).set('a', '00011')

function huffman(text: string): Buffer {
  const bits = Array.from(text, (char) => codes.get(char)).join('')
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
}

/** Encodes a literal field whose name is in the static table (RFC 7541, section 6.2). */
function literalField(kind: number, name: number, value: string, isPacked: boolean): Buffer {
  const bytes = isPacked ? huffman(value) : Buffer.from(value)
  return Buffer.from([kind | name, bytes.length | (isPacked ? 0x80 : 0), ...bytes])
}

const indexed = new Map([200, 204, 206, 304, 400, 404, 500].map((status, n) => [status, 8 + n]))
const status = fc.oneof(fc.constantFrom(...indexed.keys()), fc.integer({ min: 100, max: 599 }))
/** The first bits of a literal field: with indexing, without indexing, never indexed (RFC 7541, section 6.2). */
const literal = fc.constantFrom(0x40, 0x00, 0x10)
/** The entries of the static table with the name `:status`. Any of them can provide the name. */
const nameIndex = fc.integer({ min: 8, max: 14 })
/** Updates of the dynamic table's size, which may precede the fields. */
const sizes = fc.array(fc.constantFrom(0x20, 0x3e), { maxLength: 2 })
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((given) => Buffer.from(given))

describe('the status of a header block', () => {
  test('is read in each literal encoding, whatever follows', () => {
    fc.assert(
      fc.property(
        sizes,
        status,
        literal,
        nameIndex,
        fc.boolean(),
        bytes(20),
        (before, expected, kind, name, isPacked, after) => {
          const field = literalField(kind, name, String(expected), isPacked)
          expect(decodeStatus(Buffer.from([...before, ...field, ...after]))).toBe(expected)
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('must have exactly three digits, in each literal encoding', () => {
    const text = fc.string({ unit: fc.constantFrom(...codes.keys()), maxLength: 5 })
    fc.assert(
      fc.property(literal, nameIndex, text, fc.boolean(), (kind, name, value, isPacked) => {
        const decode = () => decodeStatus(literalField(kind, name, value, isPacked))
        if (/^[1-9]\d\d$/.test(value)) expect(decode()).toBe(Number(value))
        else expect(decode).toThrow(MalformedResponseError)
      }),
      { numRuns: 1_000 },
    )
  })

  test('is read from the static table', () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom(...indexed), bytes(20), (before, [expected, index], after) => {
        expect(decodeStatus(Buffer.from([...before, 0x80 | index, ...after]))).toBe(expected)
      }),
    )
  })

  test('is a number of three digits, or a MalformedResponseError, for any bytes', () => {
    const beginning = fc.oneof(
      bytes(1),
      fc.tuple(literal, nameIndex).map(([kind, name]) => Buffer.from([kind | name])),
    )
    const length = fc.oneof(
      bytes(1),
      fc.constantFrom(0x03, 0x82, 0x83).map((each) => Buffer.from([each])),
    )
    fc.assert(
      fc.property(beginning, length, bytes(10), (...parts) => {
        try {
          const decoded = decodeStatus(Buffer.concat(parts))
          expect(decoded).toBeGreaterThanOrEqual(100)
          expect(decoded).toBeLessThanOrEqual(999)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedResponseError)
        }
      }),
      { numRuns: 5_000 },
    )
  })
})
