import { type Header, type HttpRequest, MalformedResponseError } from '../http-message'

/**
 * Header compression (RFC 7541), without its tables that grow: each block stands for itself, and nothing is lost if one is not
 * read. So the server is told that there is no room for a table of its own, and of a response only the status is read.
 */

/** The static table, as far as it is used: RFC 7541, appendix A. */
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

/** What no proxy may keep in a table of its own (RFC 7541, section 7.1.3). */
const secretNames = new Set(['authorization', 'x-amz-security-token'])

/** That no table is used: what comes first on a connection, since the server may have room for less than a usual one (section 4.2). */
const noTable = '\x20'

/** The header block of a request, a character for each byte. */
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

/** Shared fields, encoded. Those whose names begin with a colon come first: RFC 9113, section 8.3. */
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

/** A literal that stays out of the table (sections 6.2.2 and 6.2.3), without Huffman's code: shorter would take longer. */
function field(name: string, value: string): string {
  const kind = secretNames.has(name) ? 0x10 : 0
  const index = staticNames[name]
  const spelledName = index === undefined ? integer(kind, 0x0f, 0) + text(name) : integer(kind, 0x0f, index)
  return spelledName + text(value)
}

function text(value: string): string {
  return integer(0, 0x7f, value.length) + value
}

/** Section 5.1. `mask` is the greatest number that the first byte has room for. */
function integer(kind: number, mask: number, value: number): string {
  if (value < mask) return String.fromCharCode(kind | value)
  let bytes = String.fromCharCode(kind | mask)
  let remaining = value - mask
  for (; remaining >= 0x80; remaining >>>= 7) bytes += String.fromCharCode(0x80 | (remaining & 0x7f))
  return bytes + String.fromCharCode(remaining)
}

/** The status that the header block of a response begins with: RFC 9113, section 8.3, lets nothing else be first. */
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
  throw new MalformedResponseError('A response of HTTP/2 does not begin with its status.')
}

/** Changes of the table's size come first (section 6.3); to none, since it has no room. */
function endOfTableSizes(block: Buffer): number {
  let at = 0
  while (((block[at] ?? 0) & 0xe0) === 0x20) at++
  return at
}

/** A text of up to 126 bytes, of digits alone if it is in Huffman's code. */
function textAt(block: Buffer, at: number): string {
  const first = block[at] ?? 0
  const bytes = block.subarray(at + 1, at + 1 + (first & 0x7f))
  return first & 0x80 ? huffmanDigits(bytes) : bytes.toString('latin1')
}

/**
 * A text of digits in Huffman's code, in which 0 to 2 have five bits and the others six (RFC 7541, appendix B); fewer than eight ones fill
 * the last byte. Empty if it has anything else.
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
