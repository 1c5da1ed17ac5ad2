import { availableParallelism } from 'node:os'
import process from 'node:process'
import { findChromium } from './tests/support/chromium.mjs'

// Silences the AWS SDK's warning at every start that it will drop Node 20. On AWS, the functions run on a newer Node.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

const chromium = findChromium()
const howToGetIt = 'Install it (Debian: apt-get install chromium) or name a Chrome or Chromium in CHROMIUM_PATH.'
if (chromium) {
  process.env.CHROMIUM_PATH = chromium // tests/setup/browser.ts starts this one
} else if (process.env.CI) {
  throw new Error(`The browser suite needs Chromium. ${howToGetIt}`)
} else {
  process.stderr.write(`The browser suite does not run: no Chromium was found. ${howToGetIt}\n`)
}

/** The folders of tests that need more than jest's own processes, by project. All others are unit tests. */
const folders = {
  service: ['e2e', 'conformance'], // real services on free ports, most tests share one: tests/setup/service.ts
  package: ['package'], // the output of `sls package`: tests/setup/package.ts
  browser: ['browser'], // the page in Chromium: tests/setup/browser.ts
  chaos: ['chaos'], // functions in threads that can be killed, and calls that can fail
}

function project(displayName, settings) {
  return {
    displayName,
    testEnvironment: 'node',
    transform: { '^.+\\.[jt]sx?$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
    moduleNameMapper: {
      '^serverless-graphql-subscriptions$': '<rootDir>/lib/index.ts',
      '^serverless-graphql-subscriptions/(client|testing)$': '<rootDir>/lib/$1/index.ts',
      '^serverless-graphql-subscriptions/(.+)$': '<rootDir>/lib/handlers/$1.ts',
    },
    transformIgnorePatterns: ['/node_modules/(?!jose/)'], // has no CommonJS
    modulePathIgnorePatterns: ['<rootDir>/.serverless', '<rootDir>/.esbuild', '<rootDir>/lib/dist'],
    ...settings,
  }
}

function withFolders(displayName, settings = {}) {
  const testMatch = folders[displayName].map((folder) => `<rootDir>/tests/${folder}/**/*.test.ts`)
  return project(displayName, { testMatch, ...settings })
}

function withSetup(displayName) {
  return withFolders(displayName, {
    globalSetup: `<rootDir>/tests/setup/${displayName}.ts`,
    globalTeardown: '<rootDir>/tests/setup/teardown.ts',
  })
}

export default {
  // Not more than the cores, because chaos tests measure time. `npm test` runs all others with more workers.
  maxWorkers: availableParallelism(),
  // Only for tests that hang. Each wait within a test ends earlier, and reports what is missing: `patienceMs`.
  testTimeout: 90_000,
  testSequencer: '<rootDir>/tests/setup/sequencer.mjs',
  projects: [
    project('unit', {
      testMatch: ['<rootDir>/tests/**/*.test.ts'],
      testPathIgnorePatterns: Object.values(folders)
        .flat()
        .map((folder) => `<rootDir>/tests/${folder}/`),
    }),
    withSetup('service'),
    withSetup('package'),
    ...(chromium ? [withSetup('browser')] : []),
    withFolders('chaos'),
  ],
}
