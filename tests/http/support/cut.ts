import fc from 'fast-check'

/** Sizes of pieces, for `cut`. */
export const pieces = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 })

/** Cuts bytes into pieces of these sizes, over and over: by default into one. */
export function* cut(bytes: Buffer, sizes: readonly number[] = [Infinity]): Generator<Buffer, void> {
  for (let [start, n] = [0, 0]; start < bytes.length; n++) {
    const end = Math.min(bytes.length, start + (sizes[n % sizes.length] ?? 1))
    yield bytes.subarray(start, end)
    start = end
  }
}
