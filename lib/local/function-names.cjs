'use strict'

/** A function's name has at most 64 characters ("Lambda quotas"). */
const longestName = 64

/**
 * Checks that the name of a stage leaves room for the names of its functions. Returns a message for the user; undefined
 * if it does.
 *
 * @param {Readonly<Record<string, { name: string }>>} functions with their deployed names
 * @param {string} stage
 * @returns {string | undefined}
 */
exports.tooLongStage = function tooLongStage(functions, stage) {
  const names = Object.values(functions).map(({ name }) => name)
  const longest = names.reduce((a, b) => (b.length > a.length ? b : a), '')
  const excess = longest.length - longestName
  if (excess <= 0) return undefined
  return (
    `The name of stage "${stage}" is too long: the function "${longest}" would have a name of ${longest.length} characters, and ` +
    `Lambda allows ${longestName}. Choose a stage of at most ${stage.length - excess} characters.`
  )
}
