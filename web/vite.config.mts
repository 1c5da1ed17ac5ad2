import { join } from 'node:path'
import { defineConfig } from 'vite'

const file = (name: string) => join(import.meta.dirname, name)

/** `--mode dev` builds the console, too, for stages that let clients read the schema. */
export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  base: './', // the static files work in any folder of any host
  resolve: { tsconfigPaths: true }, // the client package is a workspace
  server: { host: 'localhost' },
  preview: { host: 'localhost' },
  optimizeDeps: {
    entries: ['index.html', 'console.html'],
    // Vite itself resolves their `?worker` imports.
    exclude: ['graphiql/setup-workers/vite', '@graphiql/react/setup-workers/vite'],
  },
  build: {
    outDir: file('../dist/web'),
    emptyOutDir: true,
    rolldownOptions: { input: [file('index.html'), ...(mode === 'dev' ? [file('console.html')] : [])] },
  },
}))
