import { join } from 'node:path'
import type { InlineConfig } from 'vite'

/** Cross-origin isolation: without it a page has no SharedArrayBuffer, and computes on one thread. */
export const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

/** How Vite serves and builds the page. */
export function pageConfig(overrides: InlineConfig = {}): InlineConfig {
  const app = join(import.meta.dirname, '..')
  return {
    configFile: false,
    root: join(import.meta.dirname, 'page'),
    // The networks that come with it.
    publicDir: join(app, 'demo'),
    // It may be put into any folder of a server.
    base: './',
    // The packages are read from their sources; nothing has to be built before.
    resolve: { conditions: ['@badak/source', 'module', 'browser', 'development|production'] },
    worker: { format: 'es' },
    // Caches stay out of the sources.
    cacheDir: join(app, 'node_modules', '.vite'),
    server: { headers: isolation },
    preview: { headers: isolation },
    clearScreen: false,
    ...overrides,
    build: { emptyOutDir: true, outDir: join(app, 'dist', 'page'), ...overrides.build },
  }
}
