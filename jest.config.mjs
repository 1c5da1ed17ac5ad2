import process from 'node:process'
import { findChromium } from './tests/support/chromium.mjs'

// The AWS SDK says at every start that it will leave Node 20 behind; on AWS the functions run on a newer Node.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

const chromium = findChromium()
const howToGetIt = 'Install it (Debian: apt-get install chromium) or name a Chrome or Chromium in CHROMIUM_PATH.'
if (chromium) {
  process.env.CHROMIUM_PATH = chromium // tests/browser starts this one
} else if (process.env.CI) {
  throw new Error(`The browser suite needs Chromium. ${howToGetIt}`)
} else {
  process.stderr.write(`The browser suite does not run: no Chromium was found. ${howToGetIt}\n`)
}

/**
 * Unit and contract tests run everything in one process; those in tests/e2e start the real service on free ports, and those in
 * tests/browser open the page in Chromium.
 */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/tests/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...(chromium ? [] : ['<rootDir>/tests/browser/'])],
  transform: { '^.+\\.[jt]sx?$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  transformIgnorePatterns: ['/node_modules/(?!jose/)'], // has no CommonJS
  modulePathIgnorePatterns: ['<rootDir>/.serverless', '<rootDir>/.esbuild'],
}
