import fc from 'fast-check'

/** Piece sizes for `cut`, in bytes. */
export const pieces = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 })

/** Cuts bytes into pieces of these sizes, starting over with the first size after the last. Default: one piece. */
export function* cut(bytes: Buffer, sizes: readonly number[] = [Infinity]): Generator<Buffer, void> {
  for (let [start, n] = [0, 0]; start < bytes.length; n++) {
    const end = Math.min(bytes.length, start + (sizes[n % sizes.length] ?? 1))
    yield bytes.subarray(start, end)
    start = end
  }
}
