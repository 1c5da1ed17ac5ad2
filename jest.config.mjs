import { availableParallelism } from 'node:os'
import process from 'node:process'
import { findChromium } from './tests/support/chromium.mjs'

// Silences the AWS SDK's warning at every start that it will drop Node 20. On AWS, the functions run on a newer Node.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

// jest starts its workers with these options. They collect young objects less often: some 15 % less CPU.
process.execArgv.push('--max-semi-space-size=64')

const chromium = findChromium()
const howToGetIt =
  'Install it (Debian: apt-get install chromium-headless-shell) or name a Chrome or Chromium in CHROMIUM_PATH.'
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
  package: ['package'], // what `sls package`, `npm pack` and the bench build: tests/setup/package.ts
  browser: ['browser'], // the page in Chromium: tests/setup/browser.ts
  chaos: ['chaos'], // functions in threads that can be killed, and calls that can fail: tests/setup/chaos.ts
}

function project(displayName, setup, settings) {
  return {
    displayName,
    testEnvironment: 'node',
    globalSetup: `<rootDir>/tests/setup/${setup}.ts`,
    globalTeardown: '<rootDir>/tests/setup/teardown.ts',
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

function withFolders(displayName, setup) {
  const testMatch = folders[displayName].map((folder) => `<rootDir>/tests/${folder}/**/*.test.ts`)
  return project(displayName, setup, { testMatch })
}

export default {
  maxWorkers: availableParallelism() + 1, // a third of the time, tests wait
  // Only for tests that hang. Each wait within a test ends earlier, and reports what is missing: `patienceMs`.
  testTimeout: 240_000,
  testSequencer: '<rootDir>/tests/setup/sequencer.mjs',
  projects: [
    project('unit', 'dynamodb', {
      testMatch: ['<rootDir>/tests/**/*.test.ts'],
      testPathIgnorePatterns: Object.values(folders)
        .flat()
        .map((folder) => `<rootDir>/tests/${folder}/`),
    }),
    withFolders('service', 'service'),
    withFolders('package', 'package'),
    ...(chromium ? [withFolders('browser', 'browser')] : []),
    withFolders('chaos', 'chaos'),
  ],
}
