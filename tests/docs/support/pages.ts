import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(__dirname, '../../..')

/** Every file of the repository, also one that is not committed yet. */
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

/** Every Markdown page, but those of the template, whose links and commands are those of another folder. */
export const pages = files.filter((name) => name.endsWith('.md') && !/^lib\/(template|api-report)\//.test(name))

export function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

export interface Block {
  readonly language: string
  readonly text: string
}

/** The fenced blocks of a page, those in lists without their indentation. */
export function blocksOf(page: string): readonly Block[] {
  return [...textOf(page).matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms)].map(
    ([, indentation = '', language = '', text = '']) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indentation}`, 'gm'), ''),
    }),
  )
}

/** A page without its blocks of code. */
export function proseOf(page: string): string {
  return textOf(page).replaceAll(/^( *)```.*?^\1```$/gms, '')
}
