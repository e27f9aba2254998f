// The programs in the READMEs and in the guide run, and print what the pages say.
import { execFile, spawn } from 'node:child_process'
import {
  copyFileSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const flags = ['--conditions=@badak/source', '--disable-warning=ExperimentalWarning', 'page.ts']
const pages = globSync(['packages/*/README.md', 'docs/guide/*.md'], { cwd: root }).toSorted()

/** An empty directory from which the packages can be imported: what a program writes goes there. */
let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'badak-examples-'))
  symlinkSync(join(root, 'docs', 'node_modules'), join(directory, 'node_modules'), 'junction')
  symlinkSync(join(root, 'packages'), join(directory, 'packages'), 'junction')
  // Checkpoints that a reader has of his own.
  for (const checkpoint of ['formats/test/fixtures/checkpoint.pth', 'models/test/fixtures/densenet.pth'])
    copyFileSync(join(root, 'packages', checkpoint), join(directory, basename(checkpoint)))
})
afterAll(() => rmSync(directory, { recursive: true }))

/** The TypeScript blocks of a page are one program, which is made ready to run. */
function writeProgram(page: string): string {
  const text = readFileSync(join(root, page), 'utf8')
  const blocks = [...text.matchAll(/^```ts\n(?<code>[\s\S]*?)^```$/gm)].map((match) => match.groups!['code']!)
  const program = blocks.join('\n')
  writeFileSync(join(directory, 'page.ts'), program)
  return program
}

/** What a page says is printed: the comments behind `console.log`, and the `text` blocks. */
function promisesOf(page: string, program: string): string[] {
  const comments = [...program.matchAll(/^ *console\.log\(.*\) \/\/ (?<text>.*)$/gm)]
  const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/^```text\n(?<text>[\s\S]*?)^```$/gm)]
  return [...comments, ...blocks].flatMap((match) => match.groups!['text']!.trimEnd().split('\n'))
}

const withoutSpaces = (text: string): string => text.replaceAll(/\s/g, '')

test.each(pages)('%s', { timeout: 60_000 }, async (page) => {
  const promises = promisesOf(page, writeProgram(page))
  expect(promises.length).toBeGreaterThan(0)
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: directory })
  const printed = stdout.split('\n').map(withoutSpaces)
  for (const promise of promises) expect(printed).toContain(withoutSpaces(promise))
})

test('README.md, its first step', { timeout: 60_000 }, async () => {
  writeProgram('README.md')
  const program = spawn(process.execPath, flags, { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    for await (const line of createInterface(program.stdout)) {
      // Ten classes, none preferred yet.
      expect(Math.abs(Number(line) - Math.log(10))).toBeLessThan(0.5)
      return
    }
    expect.fail('it printed nothing')
  } finally {
    program.kill()
  }
})
