import { join } from 'node:path'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: './', // the static files work in any folder of any host
  server: { host: 'localhost' },
  preview: { host: 'localhost' },
  build: { outDir: join(import.meta.dirname, '..', 'dist', 'web'), emptyOutDir: true },
})
