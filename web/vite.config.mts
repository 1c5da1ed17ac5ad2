import { join } from 'node:path'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: './', // the static files work in any folder of any host
  resolve: { tsconfigPaths: true }, // the client package is a workspace
  server: { host: 'localhost' },
  preview: { host: 'localhost' },
  build: { outDir: join(import.meta.dirname, '..', 'dist', 'web'), emptyOutDir: true },
})
