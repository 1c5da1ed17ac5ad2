import { createRequire } from 'node:module'
import { join } from 'node:path'
import { drive, type Handler } from './drive'

/** A function of this project as deployed: FUNCTION names it, and FUNCTIONS its variant. */
drive(() => {
  const folder = join(__dirname, '..', process.env['FUNCTIONS'] ?? 'functions')
  const file = join(folder, `${process.env['FUNCTION'] ?? ''}.js`)
  const { handler } = createRequire(__filename)(file) as { handler: Handler }
  return handler
})
