import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { outDir } from '../build'
import { reply, startPinned } from '../processes'
import type { StandInCommand, StandInReport } from './commands'

export interface StandIns {
  readonly origin: string
  readonly certificateFile: string
  readonly keyFile: string
  /** Sets their behaviour from now on, and returns the counts since the last call. */
  readonly behave: (command: StandInCommand) => Promise<StandInReport>
  readonly stop: () => void
}

/** Starts the stand-ins for AWS, with a certificate created for them. */
export async function startStandIns(): Promise<StandIns> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', keyFile, '-out', certificateFile, ...subject], {
    stdio: 'ignore',
  })
  const child = startPinned(1, [join(outDir, 'stand-ins/server.js'), keyFile, certificateFile])
  const { port } = await reply<{ port: number }>(child)
  return {
    origin: `https://localhost:${port}`,
    certificateFile,
    keyFile,
    behave: (command) => {
      child.send(command)
      return reply(child)
    },
    stop: () => {
      child.disconnect()
    },
  }
}
