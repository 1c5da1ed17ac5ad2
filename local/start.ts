import { spawn } from 'node:child_process'
import { offlineCommand, serviceDir } from './offline-command'

/** Options after `npm start --` go to `sls offline start`. */
const offline = spawn(process.execPath, [...offlineCommand, ...process.argv.slice(2)], {
  cwd: serviceDir,
  stdio: 'inherit',
})

// A terminal sends ctrl-c to every process of the command; `kill` and process managers only to this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => offline.kill(signal))

offline.on('exit', (code) => process.exit(code ?? 1))
