// The examples of the READMEs run, and print what their comments say.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

/** The first TypeScript block. */
function exampleOf(readme: string): string {
  return /```ts\n(?<code>[\s\S]*?)```/.exec(readme)!.groups!['code']!
}

/** What the `console.log` lines that end in a comment say they print. */
function promisesOf(code: string): string[] {
  return [...code.matchAll(/^console\.log\(.*\) \/\/ (?<text>.*)$/gm)].map((match) => match.groups!['text']!)
}

const withoutSpaces = (text: string): string => text.replaceAll(/\s/g, '')

test.each(['initializers', 'layers', 'cnn', 'optimizers', 'datasets', 'formats'])(
  'the example of %s',
  { timeout: 60_000 },
  async (name) => {
    const folder = fileURLToPath(new URL(`../../${name}/`, import.meta.url))
    const code = exampleOf(readFileSync(`${folder}README.md`, 'utf8'))
    const promises = promisesOf(code)
    expect(promises.length).toBeGreaterThan(0)
    const flags = ['--conditions=@badak/source', '--input-type=module-typescript', '--no-warnings']
    const { stdout } = await run(process.execPath, [...flags, '--eval', code], { cwd: folder })
    const printed = stdout.split('\n').map(withoutSpaces)
    for (const promise of promises) expect(printed).toContain(withoutSpaces(promise))
  },
)
