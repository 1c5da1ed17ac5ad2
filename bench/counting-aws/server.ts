import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { startDynamoDb } from '../../lib/local/dynamodb'
import { listen, readBody } from '../../lib/local/stand-in'
import { libraryTables, projectTables } from '../dynamodb/tables'
import { createCountingDynamoDb, type DynamoDbRequest } from './counting-dynamodb'

/** Counts since the last reset. */
export interface Counts {
  readonly calls: Readonly<Record<string, number>>
  readonly readUnits: number
  readonly writeUnits: number
}

export interface CountingAws {
  readonly origin: string
  readonly take: () => Counts
  readonly stop: () => Promise<void>
}

/**
 * dynalite behind a proxy that counts calls and units, and stand-ins for @connections, SNS and Translate that accept
 * everything.
 */
export async function startCountingAws(files: { keyFile: string; certificateFile: string }): Promise<CountingAws> {
  const { clients, messages } = projectTables()
  const tables = [clients, messages, ...libraryTables]
  const dynalite = await startDynamoDb({ port: 0, tables })
  const callDynamoDb = createCountingDynamoDb(dynalite.endpoint, tables)
  let counts = { calls: {} as Record<string, number>, readUnits: 0, writeUnits: 0 }
  const count = (call: string) => (counts.calls[call] = (counts.calls[call] ?? 0) + 1)

  const server = createServer(
    { key: readFileSync(files.keyFile), cert: readFileSync(files.certificateFile) },
    (request, response) => {
      answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error))
      })
    },
  )
  const { endpoint, close } = await listen(server, 0)
  return {
    origin: endpoint.replace('http:', 'https:'),
    take() {
      const taken = counts
      counts = { calls: {}, readUnits: 0, writeUnits: 0 }
      return taken
    },
    stop: async () => {
      await close()
      await dynalite.close()
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    const [, service = '', operation = ''] = /^(\w+)\.(\w+)$/.exec(String(request.headers['x-amz-target'])) ?? []
    if (service.startsWith('DynamoDB')) await answerDynamoDb({ headers: request.headers, operation, body }, response)
    else if (service.startsWith('AWSShineFrontendService')) {
      count('TranslateText')
      const translated = { TranslatedText: 'Bonjour', SourceLanguageCode: 'en', TargetLanguageCode: 'fr' }
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(translated))
    } else if (request.url?.includes('/@connections/') === true) {
      count('PostToConnection')
      response.writeHead(200).end()
    } else {
      count('Publish')
      response.writeHead(200).end('<PublishResponse/>')
    }
  }

  async function answerDynamoDb(request: DynamoDbRequest, response: ServerResponse): Promise<void> {
    count(request.operation)
    const { status, text, readUnits, writeUnits } = await callDynamoDb(request)
    counts.readUnits += readUnits
    counts.writeUnits += writeUnits
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text)
  }
}
