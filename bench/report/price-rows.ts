import { contenders, type PublisherName } from '../contenders/names'
import type { OperationRow } from '../measurements/operations'
import type { PublishCalls } from '../measurements/publish-calls'
import { dollarsPerMillion, pricePerMillion } from '../prices/list-prices'
import type { MemorySizes } from '../prices/memory-sizes'
import { callsAsText, round } from './table'

/** The cost of handing an event to the publisher: an SNS message, or an item of the events table. */
const beforePublish: Readonly<Record<PublisherName, { readonly snsPublishes: number; readonly writeUnits: number }>> = {
  project: { snsPublishes: 1, writeUnits: 0 },
  'project-http1': { snsPublishes: 1, writeUnits: 0 },
  'lambda-subscriptions-readme': { snsPublishes: 0, writeUnits: 0 },
  'lambda-subscriptions-tuned': { snsPublishes: 0, writeUnits: 0 },
  'aws-lambda-graphql': { snsPublishes: 0, writeUnits: 1 },
}

export function publishRows(rows: readonly PublishCalls[]): readonly object[] {
  return rows.map(({ contender, room, isEphemeral = false, calls, failure, executions, ...units }) => {
    const to = room.wanting === room.listeners ? String(room.listeners) : `${room.wanting} of ${room.listeners}`
    const row = { '': `${contenders[contender]}${isEphemeral ? ', without a log' : ''}`, to }
    if (failure !== undefined) return { ...row, calls: failure }
    const { snsPublishes, writeUnits } = beforePublish[contender]
    const billed = { readUnits: units.readUnits, writeUnits: units.writeUnits + writeUnits, snsPublishes }
    const dollars = pricePerMillion({ ...billed, messages: room.wanting })
    return {
      ...row,
      calls: callsAsText(calls),
      'read units': billed.readUnits,
      'write units': billed.writeUnits,
      executions,
      '$/M deliveries': room.wanting === 0 ? '' : round(dollars / room.wanting, 4),
      'without messages': room.wanting === 0 ? '' : round(dollars / room.wanting - dollarsPerMillion.messages, 4),
      '$/M publishes': round(dollars, 2),
    }
  })
}

export function operationRows(rows: readonly OperationRow[]): readonly object[] {
  return rows.map(({ contender, operation, calls, readUnits, writeUnits, messages, failure }) => {
    const row = { '': contender, operation }
    if (failure !== undefined) return { ...row, calls: failure }
    const snsPublishes = calls['Publish'] ?? 0
    const dollars = pricePerMillion({ readUnits, writeUnits, messages, snsPublishes })
    return {
      ...row,
      calls: callsAsText(calls),
      'read units': readUnits,
      'write units': writeUnits,
      messages,
      '$/M': round(dollars, 3),
    }
  })
}

export function memorySizeRows(rows: readonly MemorySizes[]): readonly object[] {
  return rows.map(({ cost, sizes, cheapest, fastest }) => ({
    '': `${cost.name} (${cost.what})`,
    'CPU ms: init': round(cost.initMs, 0),
    first: round(cost.firstMs, 1),
    warm: round(cost.warmMs, 2),
    'peak MB': round(cost.peakMegabytes, 0),
    ...Object.fromEntries(
      sizes.map(({ memoryMb, warmMs, dollars, fits, initMs }) => [
        `${memoryMb} MB`,
        `${round(warmMs, 0)} ms $${round(dollars, 2)}${fits ? '' : ' too small'} (init ${round(initMs, 0)})`,
      ]),
    ),
    'cheapest within 10 %': `${cheapest ?? 'none'}`,
    'fastest reasonable': `${fastest ?? 'none'}`,
  }))
}
