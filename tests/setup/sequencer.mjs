import Sequencer from '@jest/test-sequencer'

/** The projects, those first whose suites take longest. */
const order = ['chaos', 'browser', 'service', 'package', 'unit']

/**
 * Leaves no worker alone with a long suite at the end. jest by itself knows no durations on a clean clone, and goes by
 * file sizes.
 */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ context }) => order.indexOf(context.config.displayName.name)
    return super.sort(tests).sort((a, b) => rank(a) - rank(b))
  }
}
