import Sequencer from '@jest/test-sequencer'

/** The projects, in descending order of their suites' durations. */
const order = ['chaos', 'browser', 'package', 'service', 'unit']

/**
 * Takes one suite of each project in turn: the longest suites begin early, so that no worker runs one alone at the end,
 * and few of those that keep a core busy run at once. On a clean clone, jest knows no durations and sorts by file size.
 */
export default class InTurn extends Sequencer {
  sort(tests) {
    const counts = new Map(order.map((name) => [name, 0]))
    const turns = super.sort(tests).map((test) => {
      const { name } = test.context.config.displayName
      const turn = counts.get(name)
      counts.set(name, turn + 1)
      return { test, turn, rank: order.indexOf(name) }
    })
    return turns.toSorted((a, b) => a.turn - b.turn || a.rank - b.rank).map(({ test }) => test)
  }
}
