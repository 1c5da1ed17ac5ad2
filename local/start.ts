import { spawn } from 'node:child_process'
import { offlineCommand, serviceDir } from './offline-command'

/** Options after `npm start --` go to `sls offline start`. */
const offline = spawn(process.execPath, [...offlineCommand, ...process.argv.slice(2)], {
  cwd: serviceDir,
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'], // the channel ends it when this process is killed: local/plugin.ts
})

offline.on('exit', (code) => process.exit(code ?? 1))

// A terminal sends ctrl-c to every process of the command; `kill` and process managers only to this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => offline.kill(signal))

// `kill` of npm ends the shell between npm and this process, and no signal gets here.
if (process.env['npm_lifecycle_event'] === 'start') {
  const shell = process.ppid
  setInterval(() => {
    if (process.ppid !== shell) offline.kill('SIGTERM')
  }, 500)
}
