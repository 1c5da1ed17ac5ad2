import { checkPorts, StartError, type Port } from '../lib/local/ports'
import type { StandIn } from '../lib/local/stand-in'
import { startTranslate } from './translate'

interface Serverless {
  readonly service: {
    readonly provider: { environment?: Readonly<Record<string, unknown>> }
    readonly custom: {
      readonly translatePort: string
      readonly local: { ownAccount?: boolean; notes?: Readonly<Record<string, string>> }
    }
  }
}

type Hooks = Readonly<Record<string, () => Promise<void>>>

/**
 * Starts the stand-in for Amazon Translate with the local service, and ends it with it.
 *
 * With `TRANSLATE=aws` the functions call Amazon Translate with the shell's own AWS credentials and region, which costs
 * money and needs translate:TranslateText and comprehend:DetectDominantLanguage; DynamoDB and SNS stay local.
 */
export function localChat({ service: { custom, provider } }: Serverless): Hooks {
  // Read now: the core's plugin removes AWS_ENDPOINT_URL_TRANSLATE later. start.ts serves the page.
  const { PAGE_URL: pageUrl, TRANSLATE: translate, AWS_ENDPOINT_URL_TRANSLATE: ownEndpoint } = process.env
  const usesAmazonTranslate = translate === 'aws'
  custom.local.ownAccount = usesAmazonTranslate
  let standIn: StandIn | undefined
  const start = async (): Promise<void> => {
    if (!usesAmazonTranslate) {
      standIn = await startOrExit(portOf(custom.translatePort))
    }
    const endpoint = ownEndpoint ?? standIn?.endpoint
    if (endpoint !== undefined) {
      provider.environment = { ...provider.environment, AWS_ENDPOINT_URL_TRANSLATE: endpoint }
    }
    custom.local.notes = {
      Translate: standIn?.endpoint ?? 'Amazon Translate, with your AWS credentials',
      ...(pageUrl !== undefined && { 'Chat page': pageUrl, Console: `${pageUrl}console.html` }),
      'Try it': 'npm run try',
    }
  }
  return {
    'before:offline:start:init': start,
    'before:offline:start': start, // `sls offline` without `start`
    'before:offline:start:end': async () => standIn?.close(),
  }
}

function portOf(setting: string): Port {
  return { number: Number(setting), variable: 'TRANSLATE_PORT', purpose: 'the stand-in for Translate' }
}

async function startOrExit(port: Port): Promise<StandIn> {
  try {
    await checkPorts('localhost', [port])
    return await startTranslate({ port: port.number })
  } catch (error) {
    // Serverless would wait for open servers and for serverless-esbuild's watcher, and never end.
    console.error(error instanceof StartError ? error.message : error)
    process.exit(1)
  }
}
