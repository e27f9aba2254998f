import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Untyped } from './libraries.ts'

const folder = fileURLToPath(new URL('../', import.meta.url))

/** A program of this folder and everything it imports in one minified file; badak from its sources. */
export function bundleProgram(
  program: string,
  { platform, format }: { platform: 'browser' | 'node'; format: 'esm' | 'cjs' },
): Uint8Array {
  const esbuild: Untyped = createRequire(`${folder}peers/package.json`)('esbuild')
  const inModule = platform === 'node' && format === 'esm'
  const { outputFiles } = esbuild.buildSync({
    entryPoints: [folder + program],
    bundle: true,
    minify: true,
    write: false,
    format,
    platform,
    external: ['node:*'],
    conditions: ['@badak/source'],
    mainFields: ['module', 'main'],
    logLevel: 'silent',
    target: 'es2022',
    ...(inModule && { banner: { js: requireInModules } }),
  })
  return outputFiles[0].contents
}

/** CommonJS inside of a bundle that is a module asks for Node's modules by `require`. */
const requireInModules =
  "import{createRequire as __c}from'node:module';const require=__c(import.meta.url);" +
  'const __filename=import.meta.filename,__dirname=import.meta.dirname;'
