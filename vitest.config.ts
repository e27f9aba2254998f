import { existsSync, readdirSync } from 'node:fs'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'

// Workspace packages resolve to their sources, so tests need no build.
// `TEST_DIST=1` tests what is published instead.
const source = process.env['TEST_DIST'] ? [] : ['@badak/source']
const node = [...source, 'module', 'node', 'development|production']
const web = [...source, 'module', 'browser', 'development|production']

const here = import.meta.dirname
const tested = [
  ...['packages', 'apps'].flatMap((parent) =>
    readdirSync(`${here}/${parent}`).map((name) => ({ name, root: `./${parent}/${name}` })),
  ),
  { name: 'docs', root: './docs' },
  { name: 'benchmarks', root: './benchmarks' },
]

// A browser that is already on the machine; none is downloaded.
const candidates = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/google-chrome']
const chromium = candidates.find((path) => path && existsSync(path))
if (!chromium) {
  const notice = 'no Chromium found: install it or set CHROMIUM_PATH'
  if (process.env['CI']) throw new Error(notice)
  console.warn(`${notice}; the browser tests are left out`)
}

const browser = {
  extends: true as const,
  resolve: { conditions: web },
  test: {
    name: 'browser',
    include: ['packages/*/test/**/*.browser.test.ts'],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          ...(chromium && { executablePath: chromium }),
          args: [
            '--no-sandbox',
            '--enable-unsafe-webgpu',
            '--use-webgpu-adapter=swiftshader',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
          ],
        },
      }),
      instances: [{ browser: 'chromium' as const }],
    },
  },
}

export default defineConfig({
  // Cross-origin isolation: without it a page has no SharedArrayBuffer, and so no threads.
  server: {
    headers: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    },
  },
  test: {
    reporters: ['default', './scripts/reporter.mjs'],
    maxWorkers: 2,
    passWithNoTests: true,
    projects: [
      ...tested.map(({ name, root }) => ({
        extends: true as const,
        resolve: { conditions: node },
        ssr: { resolve: { conditions: node } },
        test: {
          name,
          root,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.browser.test.ts'],
          // For tests that start a browser themselves.
          env: chromium ? { CHROMIUM_PATH: chromium } : {},
        },
      })),
      { extends: true as const, test: { name: 'scripts', include: ['scripts/**/*.test.ts'] } },
      ...(chromium ? [browser] : []),
    ],
  },
})
