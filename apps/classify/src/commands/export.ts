import { mkdirSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { saveSafetensors } from '@badak/formats'
import type { Tensor } from '@badak/tensor'
import { parse, UsageError } from 'command-line/arguments'
import { writeDescription } from '../description.ts'
import { classifierDefinitions, classifierHelp, machineHelp, openAsked } from './classifier-options.ts'

export const exportHelp = `Writes a classifier into a file of its own, such as the page opens.

  npm run classify -- export --out <file> [options]

  --out <file>             ends in .safetensors
${classifierHelp}
  --half                   weights in 16 bits: half the size, and the same answers but for rounding
${machineHelp}`

/** `classify export …`. Returns the exit code. */
export async function runExport(args: readonly string[]): Promise<number> {
  const { values } = parse(args, {
    options: { ...classifierDefinitions, out: { type: 'string' }, half: { type: 'boolean' } } as const,
  })
  if (values.help) {
    console.log(exportHelp)
    return 0
  }
  if (!values.out?.endsWith('.safetensors'))
    throw new UsageError(`--out: expected a name that ends in .safetensors: ${values.out ?? 'nothing'}`)
  const { classifier, path } = await openAsked(values)
  const { network, description } = classifier
  const weights = Object.entries(network.stateDict()).map(([name, value]) => [
    name,
    values.half ? halved(value) : value,
  ])
  mkdirSync(dirname(values.out), { recursive: true })
  await saveSafetensors(
    values.out,
    Object.fromEntries(weights) as Record<string, Tensor>,
    writeDescription(description),
  )
  console.log(`${relative('', path)} → ${values.out}`)
  return 0
}

/** What is small stays as it is: biases, and statistics that are divided by. */
function halved(value: Tensor): Tensor {
  return value.rank > 1 && value.dtype === 'float32' ? value.cast('float16') : value
}
