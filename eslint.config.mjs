import js from '@eslint/js'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['node_modules', '.serverless', '.esbuild', 'coverage', '**/dist', '**/generated.ts', 'bench/.build'] },
  js.configs.recommended,
  // Limits comments only, because prettier wraps code but not comments. 10,000 means no limit for code, since the rule
  // does not accept `Infinity`. A directive that disables a rule must stay on one line, with its reason after `--`.
  {
    rules: { 'max-len': ['error', { code: 10_000, comments: 120, ignoreUrls: true, ignorePattern: 'eslint-disable' }] },
  },
  {
    files: ['**/*.ts', '**/*.mts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Apollo Client needs it to connect with an empty protocol array.
      '@typescript-eslint/no-deprecated': [
        'error',
        { allow: [{ from: 'package', name: 'WebSocketLink', package: '@apollo/client' }] },
      ],
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', name: 'test', package: 'node:test' }] },
      ],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
    },
  },
  // Their own configuration resolves the installed core; this one resolves its sources.
  {
    files: ['examples/**/*.ts', 'lib/template/**/*.ts'],
    languageOptions: { parserOptions: { projectService: false, project: 'tsconfig.json' } },
  },
  { files: ['web/src/**'], extends: [reactHooks.configs.flat.recommended] },
)
