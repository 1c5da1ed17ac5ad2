import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from '@jest/globals'
import { files, pages, proseOf, root, textOf } from './support/pages'

interface Link {
  readonly page: string
  readonly target: string
}

const links = pages.flatMap((page) => linksOf(page, proseOf(page)))

function linksOf(page: string, prose: string): readonly Link[] {
  const targets = [...prose.replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => ({ page, target }))
}

/** Names the file or heading that a link leads to but that does not exist. @returns undefined if both exist */
function faultOf({ page, target }: Link): string | undefined {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : relative(root, join(root, dirname(page), path))
  if (!existsSync(join(root, file))) return `${page}: there is no ${file}`
  if (anchor === undefined) return undefined
  const isPage = file.endsWith('.md') && statSync(join(root, file)).isFile()
  return isPage && anchorsOf(file).has(anchor) ? undefined : `${page}: ${file} has no heading #${anchor}`
}

/** The anchors that GitHub makes of headings: lower case, without punctuation, a hyphen for each space. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

it('each link of a page leads to a file and a heading that exist', () => {
  expect(links.length).toBeGreaterThan(100)
  expect(links.map(faultOf).filter(Boolean)).toEqual([])
})

it('the check reports links to files and headings that do not exist', () => {
  const [wrong, good] = ['[a](gone.md) [b](README.md#gone)', '[a](docs/README.md#how-to) [b](lib/) `[c](gone)`']
  expect(linksOf('README.md', wrong).map(faultOf)).toEqual([
    'README.md: there is no gone.md',
    'README.md: README.md has no heading #gone',
  ])
  expect(linksOf('README.md', good).map(faultOf)).toEqual([undefined, undefined])
})

it('docs/README.md lists every page of docs/', () => {
  const listed = links.filter(({ page }) => page === 'docs/README.md').map(({ target }) => `docs/${target}`)
  const written = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md')
  expect(listed).toEqual(expect.arrayContaining(written))
})

it('the code refers only to pages that exist', () => {
  const code = files.filter((name) => /\.(ts|tsx|cjs|mjs|yml|json)$/.test(name) && !name.endsWith('package-lock.json'))
  const wrong = code.flatMap((file) =>
    [...textOf(file).matchAll(/\bdocs\/[\w/-]+\.md/g)]
      .filter(([page]) => !existsSync(join(root, page)))
      .map(([page]) => `${file}: there is no ${page}`),
  )
  expect(wrong).toEqual([])
})
