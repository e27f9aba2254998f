// Runs one benchmark of this folder: npm run bench -- <name> [arguments]
import { readdirSync } from 'node:fs'

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -3))
const [name = '', ...rest] = process.argv.slice(2)
if (names.includes(name)) {
  process.argv.splice(2, process.argv.length, ...rest)
  await import(`./${name}.ts`)
} else {
  console.error(`bench: ${name ? `unknown benchmark "${name}"` : 'which one?'} known: ${names.join(', ')}`)
  process.exitCode = 2
}
