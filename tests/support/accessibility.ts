import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'

export interface Fault {
  /** The id of axe's rule. */
  readonly rule: string
  /** The element, as HTML. */
  readonly where: string
}

/** Checks the page in its present state with axe. @returns one fault for each rule and element that violates it */
export async function faultsOf(page: Page): Promise<readonly Fault[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => ({ rule: id, where: html })))
}
