import { randomUUID } from 'node:crypto'
import { DynamoDB } from 'aws-sdk'
import { environmentOf } from '../contenders/environment'
import { measure } from '../contenders/measure'
import { eventText, topicOf } from '../model'
import { createServer, eventName, type Payload } from './server'

/**
 * A publish does what its Lambda behind the stream of the events table does for one event. It uses one client for all
 * posts.
 */
measure(() => {
  const { callbackUrl, credentials } = environmentOf(process.env)
  const service = new DynamoDB({ region: 'us-east-1', credentials, endpoint: new URL(callbackUrl).origin })
  const { onEvent } = createServer({ dynamoDbClient: new DynamoDB.DocumentClient({ service }) })
  return async (room) => {
    const isFiltered = room.wanting < room.listeners
    const payload: Payload = { topic: topicOf(room), chatId: 'bench', text: eventText, isFiltered }
    const event = { id: randomUUID(), event: eventName, payload: JSON.stringify(payload), ttl: 4102444800 }
    const NewImage = DynamoDB.Converter.marshall(event)
    await onEvent({ Records: [{ eventName: 'INSERT', dynamodb: { NewImage } }] }, {})
  }
})
