import database from 'dynalite/db'
import deletion from 'dynalite/validations/deleteItem'
import put from 'dynalite/validations/putItem'
import update from 'dynalite/validations/updateItem'

const parameter = 'ReturnValuesOnConditionCheckFailure'

/**
 * Adds to dynalite what it lacks of PutItem, UpdateItem and DeleteItem: `ReturnValuesOnConditionCheckFailure`, which adds the item to the
 * error of a condition that is not met. dynalite drops parameters that it does not know, and checks conditions under the lock of the item.
 * Adding it twice changes nothing.
 */
export function addFailedItems(): void {
  if (parameter in put.types) return
  for (const { types } of [put, update, deletion]) types[parameter] = { type: 'String', enum: ['ALL_OLD', 'NONE'] }
  const { checkConditional } = database
  database.checkConditional = (input, item) => {
    const error = checkConditional(input, item)
    if (error && item && input[parameter] === 'ALL_OLD') error.body['Item'] = item
    return error
  }
}
