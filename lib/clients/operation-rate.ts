import { where } from '../aws/expression'
import type { Table } from '../aws/table'
import type { Client } from './client'
import { clientKey } from './keys'

/** How many operations a connection begins. */
export interface OperationRate {
  /**
   * Counts an operation of a connection in the present window of ten seconds: one conditional write, or two where messages race
   * into a new window. A connection that is over its limit costs none.
   *
   * @returns false if it has begun `max` operations in this window already; this one is not counted then
   */
  countOperation(client: Client, max: number): Promise<boolean>
}

const windowSeconds = 10

export function createOperationRate({ table, now }: { table: Table; now: () => number }): OperationRate {
  return {
    async countOperation({ connectionId, counted }, max) {
      const window = Math.floor(now() / 1000 / windowSeconds) * windowSeconds
      const isOpen = counted?.windowAtSeconds === window
      if (isOpen && counted.operations >= max) return false
      const key = clientKey(connectionId)
      const isOver = where`attribute_exists(id) AND (attribute_not_exists(windowAtSeconds) OR windowAtSeconds < ${window})`
      const begin = { set: { windowAtSeconds: window, operations: 1 } }
      if (!isOpen && (await table.update(key, begin, isOver))) return true
      const isFree = where`windowAtSeconds = ${window} AND operations < ${max}`
      return (await table.update(key, { add: { operations: 1 } }, isFree)) !== undefined
    },
  }
}
