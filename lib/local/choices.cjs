'use strict'

/**
 * Which param of a stage has a value that it does not take, as a sentence for the person who packages it; undefined if none has.
 *
 * @param {{ extensions: Record<string, { Properties?: { IpAddressType?: string } }>, Resources: Record<string, { DeletionPolicy?: string }> }} resources
 * @returns {string | undefined}
 */
exports.wrongChoice = function wrongChoice({ extensions, Resources }) {
  const choices = [
    ['ipAddressType', extensions.HttpApi.Properties.IpAddressType, ['ipv4', 'dualstack']],
    ['tablePolicy', Resources.ClientsTable.DeletionPolicy, ['RetainExceptOnCreate', 'Retain', 'Delete']],
  ]
  const wrong = choices.find(([, value, allowed]) => !allowed.includes(value))
  if (!wrong) return undefined
  const [param, value, allowed] = wrong
  return `Expected the param "${param}" to be ${allowed.map((each) => `"${each}"`).join(' or ')}, got "${value}".`
}
