/** Unit and contract tests run everything in one process; tests/e2e starts the real service on free ports. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  transform: { '^.+\\.[jt]sx?$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  modulePathIgnorePatterns: ['<rootDir>/.serverless', '<rootDir>/.esbuild'],
}
