import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(__dirname, '../../..')

/** All files of the repository, uncommitted ones included, ignored ones excluded. */
export const files: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '-z'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\0')
  .filter((name) => name !== '')

/**
 * All Markdown pages, except those of lib/template, whose links and commands belong to another folder, and the
 * generated lib/api-report.
 */
export const pages = files.filter((name) => name.endsWith('.md') && !/^lib\/(template|api-report)\//.test(name))

export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

export interface Block {
  readonly language: string
  readonly text: string
}

/** The fenced code blocks of a page. A block in a list loses its indentation. */
export function blocksOf(page: string): readonly Block[] {
  return [...textOf(page).matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms)].map(
    ([, indentation = '', language = '', text = '']) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''),
    }),
  )
}

/** The text of a page without its code blocks. */
export function proseOf(page: string): string {
  return textOf(page).replaceAll(/^( *)```.*?^\1```$/gms, '')
}
