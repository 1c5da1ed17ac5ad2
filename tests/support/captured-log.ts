import { afterEach, beforeEach, jest } from '@jest/globals'

/** Appends everything written to stdout and stderr to `lines`, and prints nothing, until `jest.restoreAllMocks()`. */
export function captureLog(lines: string[]): void {
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((chunk) => {
      lines.push(String(chunk))
      return true
    })
  }
}

/** Captures stdout and stderr in each test of the file. @returns what the current test has written so far */
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
