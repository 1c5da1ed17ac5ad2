/** What may import what: `npm run lint` holds it, types included. */
module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'A circle of imports: move what both files need, mostly a type, into a file of its own.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-knows-no-application',
      comment:
        'lib/ is the core: it imports nothing from an application that is built on it, nor from tests and tools.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(bench|chaos|handlers|local|schema|tests|tools|translation|web)/' },
    },
    {
      name: 'application-uses-public-index',
      comment: 'An application uses what lib/index.ts exports, and the ready handlers: it has no back door.',
      severity: 'error',
      from: { path: '^(handlers|schema|translation)/' },
      to: {
        path: '^lib/',
        pathNot: '^lib/(index|handlers/(close-connections|connect|disconnect|end-user|keep-alive))[.]ts$',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true, // imports of types alone, too
    tsConfig: { fileName: 'tsconfig.json' },
  },
}
