/** The permitted imports, type-only ones included. `npm run lint` checks them. */
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
      name: 'functions-know-no-laptop',
      comment: 'What stands in for AWS on a laptop, and what tests use, never reaches a function.',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(local|template|testing)/' },
      to: { path: '^lib/(local|testing)/' },
    },
    {
      name: 'application-uses-public-index',
      comment: 'An application uses what the package exports: it has no back door.',
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
    exclude: { path: '^lib/dist/' },
    tsPreCompilationDeps: true, // type-only imports, too
    tsConfig: { fileName: 'tsconfig.json' },
  },
}
