'use strict'

/**
 * Checks the params of a stage that allow only certain values. Returns a message for the user; undefined if all are
 * valid.
 *
 * @param {{ extensions: Record<string, { Properties?: { IpAddressType?: string } }>, Resources: Record<string, {
 * DeletionPolicy?: string }> }} resources
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
