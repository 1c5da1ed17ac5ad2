import fc from 'fast-check'

/** Any code point but surrogates, which UTF-8 cannot encode. */
const codePoint = fc
  .integer({ min: 0, max: 0x10_ffff - 0x800 })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800))

/**
 * Texts of any code points, like `fc.string({ unit: 'binary' })`, which takes two seconds to list all code points in
 * each suite.
 */
export function anyText(
  lengths: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<string> {
  return fc.string({ ...lengths, unit: codePoint })
}
