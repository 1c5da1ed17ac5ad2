import { jest } from '@jest/globals'

/** From now on, what the log writes goes into the array, and no further, until `jest.restoreAllMocks()`. */
export function captureLog(lines: string[]): void {
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      lines.push(String(chunk))
      return true
    })
  }
}
