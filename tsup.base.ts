import { defineConfig, type Options } from 'tsup'

/** One ESM bundle per entry, one declaration file per entry, source maps. */
export function library(overrides: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: ['src/index.ts'],
    format: ['esm'],
    target: 'es2024',
    platform: 'neutral',
    // Browser bundlers and Deno know `node:os`, and not `os`.
    removeNodeProtocol: false,
    external: [/^node:/],
    // Kernels index typed arrays without `undefined` checks; scripts/typecheck.ts keeps the rest strict.
    dts: { compilerOptions: { noUncheckedIndexedAccess: false } },
    sourcemap: true,
    clean: true,
    treeshake: false,
    splitting: true,
    ...overrides,
  })
}
