'use strict'

/** "Lambda quotas": a function's name has at most 64 characters. */
const longestName = 64

/**
 * Why a stage cannot be deployed under its name, as a sentence for the person who packages it; undefined if it can.
 *
 * @param {Readonly<Record<string, { name: string }>>} functions as they will be called
 * @param {string} stage
 * @returns {string | undefined}
 */
exports.tooLongStage = function tooLongStage(functions, stage) {
  const names = Object.values(functions).map(({ name }) => name)
  const longest = names.reduce((a, b) => (b.length > a.length ? b : a), '')
  const excess = longest.length - longestName
  if (excess <= 0) return undefined
  return (
    `Stage "${stage}" has too long a name: a function would be called "${longest}", which has ${longest.length} characters, and ` +
    `Lambda takes ${longestName}. Choose a stage of at most ${stage.length - excess} characters.`
  )
}
