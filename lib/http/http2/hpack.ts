import { type Header, type HttpRequest, MalformedResponseError } from '../http-message'

/**
 * Header compression (RFC 7541) without dynamic tables: each block can be decoded by itself, so of a response only the
 * status is read. The server is told that this side has no room for a table.
 */

/** The used part of the static table: RFC 7541, appendix A. */
const staticNames: Readonly<Record<string, number>> = {
  ':authority': 1,
  ':method': 2,
  ':path': 4,
  authorization: 23,
  'content-length': 28,
  'content-type': 31,
}
const methodPost = '\x83'
const schemeHttps = '\x87'
const firstStatus = 8
const statuses = [200, 204, 206, 304, 400, 404, 500]

/** Fields that no proxy may keep in a table either (RFC 7541, section 7.1.3). */
const secretNames = new Set(['authorization', 'x-amz-security-token'])

/** Sets the table's size to 0. The first block has to, as the server may allow less than the default (section 4.2). */
const noTable = '\x20'

/** The header block of a request, one character a byte. */
export function encodeRequest(
  { method, path, shared, own, bodyBytes }: HttpRequest,
  { isFirst }: { readonly isFirst: boolean },
): string {
  const { before, after } = sharedFields(shared)
  let block =
    (isFirst ? noTable : '') +
    (method === 'POST' ? methodPost : field(':method', method)) +
    before +
    field(':path', path) +
    after
  for (const [name, value] of own) block += field(name, value)
  return block + field('content-length', String(bodyBytes))
}

/** Shared fields, encoded. Names that begin with a colon come first: RFC 9113, section 8.3. */
interface SharedFields {
  readonly before: string
  readonly after: string
}

const knownFields = new WeakMap<readonly Header[], SharedFields>()

function sharedFields(shared: readonly Header[]): SharedFields {
  const known = knownFields.get(shared)
  if (known) return known
  let [before, after] = [schemeHttps, '']
  for (const [name, value] of shared) {
    if (name === 'host') before += field(':authority', value)
    else after += field(name, value)
  }
  const fields = { before, after }
  knownFields.set(shared, fields)
  return fields
}

/** A literal that is not indexed (sections 6.2.2 and 6.2.3). Not in Huffman's code: that would take more CPU time. */
function field(name: string, value: string): string {
  const kind = secretNames.has(name) ? 0x10 : 0
  const index = staticNames[name]
  const spelledName = index === undefined ? integer(kind, 0x0f, 0) + text(name) : integer(kind, 0x0f, index)
  return spelledName + text(value)
}

function text(value: string): string {
  return integer(0, 0x7f, value.length) + value
}

/** An integer (section 5.1), which begins in the bits of the first byte that `mask` has. */
function integer(kind: number, mask: number, value: number): string {
  if (value < mask) return String.fromCharCode(kind | value)
  let bytes = String.fromCharCode(kind | mask)
  let remaining = value - mask
  for (; remaining >= 0x80; remaining >>>= 7) bytes += String.fromCharCode(0x80 | (remaining & 0x7f))
  return bytes + String.fromCharCode(remaining)
}

/** The status of a response. Its header block has to begin with it: RFC 9113, section 8.3. */
export function decodeStatus(block: Buffer): number {
  const start = endOfTableSizes(block)
  const first = block[start] ?? 0
  if (first & 0x80) {
    const status = statuses[(first & 0x7f) - firstStatus]
    if (status !== undefined) return status
  } else {
    const nameIndex = first & 0x40 ? first & 0x3f : first & 0x0f
    const digits = statuses[nameIndex - firstStatus] === undefined ? '' : textAt(block, start + 1)
    if (/^[1-9]\d\d$/.test(digits)) return Number(digits)
  }
  throw new MalformedResponseError('Expected a response of HTTP/2 to begin with its status.')
}

/** Skips changes of the table's size, which come first and have one byte, as the size is 0 (section 6.3). */
function endOfTableSizes(block: Buffer): number {
  let at = 0
  while (((block[at] ?? 0) & 0xe0) === 0x20) at++
  return at
}

/** A text of up to 126 bytes. In Huffman's code it can only have digits. */
function textAt(block: Buffer, at: number): string {
  const first = block[at] ?? 0
  const bytes = block.subarray(at + 1, at + 1 + (first & 0x7f))
  return first & 0x80 ? huffmanDigits(bytes) : bytes.toString('latin1')
}

/**
 * A text of digits in Huffman's code, in which 0 to 2 have five bits and the others six (RFC 7541, appendix B); fewer
 * than eight ones fill the last byte. Empty if it has anything else.
 */
function huffmanDigits(bytes: Buffer): string {
  let [digits, code, bits] = ['', 0, 0]
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = (code << 1) | ((byte >> bit) & 1)
      bits++
      if (bits === 5 && code <= 2) digits += String(code)
      else if (bits === 6 && code >= 0x19 && code <= 0x1f) digits += String(code - 0x19 + 3)
      else continue
      ;[code, bits] = [0, 0]
    }
  }
  return bits < 8 && code === 2 ** bits - 1 ? digits : ''
}
