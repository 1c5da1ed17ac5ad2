import database from 'dynalite/db'
import deletion from 'dynalite/validations/deleteItem'
import put from 'dynalite/validations/putItem'
import update from 'dynalite/validations/updateItem'

const parameter = 'ReturnValuesOnConditionCheckFailure'

/**
 * Adds `ReturnValuesOnConditionCheckFailure` to dynalite's PutItem, UpdateItem and DeleteItem: it returns the item with
 * the error of a failed condition. dynalite drops unknown parameters, and checks conditions while it holds the lock of
 * the item. Idempotent.
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
