import { afterEach, beforeEach, jest } from '@jest/globals'

/** From now on, what the log writes goes into the array, and no further, until `jest.restoreAllMocks()`. */
export function captureLog(lines: string[]): void {
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      lines.push(String(chunk))
      return true
    })
  }
}

/** Captures the log of each test of the file. The array holds what the test that runs has written so far. */
export function captureLogOfEach(): readonly string[] {
  const lines: string[] = []
  beforeEach(() => {
    lines.length = 0
    captureLog(lines)
  })
  afterEach(() => {
    jest.restoreAllMocks()
  })
  return lines
}
