/**
 * A WebAssembly file of an installed package, compiled; undefined where there are no files: browsers fetch it from
 * where their bundler has put it.
 */
export async function compileInstalled(path: string): Promise<WebAssembly.Module | undefined> {
  const load = globalThis.process?.getBuiltinModule
  if (load === undefined) return undefined
  const { createRequire } = load('node:module')
  const { readFile } = load('node:fs/promises')
  const file = createRequire(import.meta.url).resolve(path)
  return WebAssembly.compile(await readFile(file))
}
