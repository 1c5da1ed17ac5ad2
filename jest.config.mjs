import process from 'node:process'

// The AWS SDK says at every start that it will leave Node 20 behind; on AWS the functions run on a newer Node.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

/** Unit and contract tests run everything in one process; those in tests/e2e start the real service on free ports. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  transform: { '^.+\\.[jt]sx?$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  transformIgnorePatterns: ['/node_modules/(?!jose/)'], // has no CommonJS
  modulePathIgnorePatterns: ['<rootDir>/.serverless', '<rootDir>/.esbuild'],
}
