import Sequencer from '@jest/test-sequencer'

/** The projects, in descending order of their suites' durations. */
const order = ['chaos', 'browser', 'package', 'service', 'unit']

/**
 * Starts the longest suites first, so that no worker runs a long one alone at the end. On a clean clone, jest knows no
 * durations and sorts by file size.
 */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ context }) => order.indexOf(context.config.displayName.name)
    return super.sort(tests).sort((a, b) => rank(a) - rank(b))
  }
}
