import { expect, it } from '@jest/globals'
import { reasons } from '../../lib/authentication/reasons'
import { files, textOf } from './support/pages'

const { wrongIssuer, wrongAudience, wrongClaim, ...texts } = reasons

/** Every reason of the code, with the placeholders of the page. */
const ofCode = [
  ...Object.values(texts),
  wrongIssuer('<tokenIssuer>'),
  wrongAudience('<tokenAudience>'),
  wrongClaim('<claim>'),
]

/** The rows of the table whose first column is the reason. */
const rows = textOf('docs/how-to/authorise.md')
  .split('| reason ')[1]
  ?.split('\n\n')[0]
  ?.split('\n')
  .slice(2)
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )

it('the table of refusals has a row for each reason of the code, and no other', () => {
  expect(rows?.map(([reason]) => reason).toSorted()).toEqual(ofCode.map((reason) => `\`${reason}\``).toSorted())
})

it('the table of refusals names a cause, a cure, and a log line that the code writes', () => {
  const code = files.filter((name) => /^lib\/.*\.ts$/.test(name)).map(textOf)
  for (const [, cause, cure, logged = ''] of rows ?? []) {
    expect([cause, cure, logged]).not.toContain('')
    const [, line] = /^`(.+)`$/.exec(logged) ?? []
    if (line === undefined) expect(logged).toMatch(/^none/)
    else expect(code.some((text) => text.includes(`'${line}'`))).toBe(true)
  }
})
