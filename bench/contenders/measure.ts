/** Asks a contender for one publish. */
export interface MeasureCommand {
  readonly subscribers: number
}

/** What it took. */
export interface Measurement {
  readonly cpuUs: number
  readonly wallMs: number
  /** Since the process began, its loading included. */
  readonly sinceStartMs: number
  /** The most that the process has held so far. */
  readonly peakBytes: number
}

/** Runs a contender in this process: each command is one publish, answered with what it took. */
export function measure(load: () => (subscribers: number) => Promise<void>): void {
  const publish = load()
  // The function's log would be read by the process that measures.
  console.log = () => undefined
  process.on('message', ({ subscribers }: MeasureCommand) => {
    void measureOne(publish, subscribers)
  })
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

async function measureOne(publish: (subscribers: number) => Promise<void>, subscribers: number): Promise<void> {
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  try {
    await publish(subscribers)
  } catch (error) {
    process.send?.({ failure: String(error) })
    return
  }
  const { user, system } = process.cpuUsage(cpu)
  const endMs = performance.now()
  const measurement: Measurement = {
    cpuUs: user + system,
    wallMs: endMs - startMs,
    sinceStartMs: endMs,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }
  process.send?.(measurement)
}
