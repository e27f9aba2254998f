import { join, relative } from 'node:path'
import { gradCam } from '@badak/cnn'
import { heatmapOverlay } from '@badak/viz'
import { parse, UsageError } from 'command-line/arguments'
import type { Classifier, Guess } from '../classifier.ts'
import { enlargedPNG } from '../enlarged.ts'
import { nameOf, readImage, writePNG } from '../image-file.ts'
import { type Prepared, prepare } from '../prepare.ts'
import { integer } from '../train-options.ts'
import { classifierDefinitions, classifierHelp, machineHelp, openAsked } from './classifier-options.ts'

export const predictHelp = `Says what images show, and writes for each a picture of what the answer rests on (Grad-CAM).

  npm run classify -- predict <image>… [options]

  <image>                  JPEG, PNG or WebP
${classifierHelp}
  --top <n>                so many classes; default 5
  --out <dir>              where pictures go; default runs/predictions
  --no-overlay             write no pictures
  --json                   one line of JSON for each image instead of a table
${machineHelp}`

const definitions = {
  ...classifierDefinitions,
  out: { type: 'string' },
  top: { type: 'string' },
  'no-overlay': { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** `classify predict …`. Returns the exit code: 1 when there was nothing in one of the images. */
export async function runPredict(args: readonly string[]): Promise<number> {
  const { values, positionals: paths } = parse(args, { options: definitions, allowPositionals: true })
  if (values.help) {
    console.log(predictHelp)
    return 0
  }
  if (paths.length === 0) throw new UsageError('predict: say which image: predict <image>…')
  const top = integer('top', values.top, 1) ?? 5
  const out = values.out ?? join('runs', 'predictions')
  const { classifier, path: checkpoint } = await openAsked(values)
  if (!values.json) console.log(`${classifier.description.model} from ${relative('', checkpoint)}\n`)
  let blank = 0
  for (const path of paths) {
    const image = await readImage(path)
    const prepared = prepare(image, classifier.description)
    if (!prepared) {
      blank++
      console.log(
        values.json ? JSON.stringify({ image: path, guesses: [] }) : `${path}\n  nothing is in it\n`,
      )
      continue
    }
    const guesses = await classifier.guess(prepared.x, top)
    const picture = values['no-overlay']
      ? undefined
      : await writeOverlay(classifier, prepared, { path, out, guesses })
    if (values.json) {
      const listed = guesses.map(({ name, probability }) => ({ class: name, probability }))
      console.log(
        JSON.stringify({ image: path, guesses: listed, ...(picture !== undefined && { overlay: picture }) }),
      )
    } else console.log(table(path, guesses, picture))
  }
  return blank > 0 ? 1 : 0
}

/** Where the network sees what speaks for the likeliest class, over the image as it gets it. */
async function writeOverlay(
  classifier: Classifier,
  { x }: Prepared,
  { path, out, guesses }: { readonly path: string; readonly out: string; readonly guesses: readonly Guess[] },
): Promise<string> {
  const normalised = classifier.normalise(x)
  const layer = classifier.layerOf(normalised)
  const map = gradCam(classifier.viewed, normalised, { target: guesses[0]!.label, layer })
  const overlay = await heatmapOverlay(x, map)
  return writePNG(out, `${nameOf(path)}-grad-cam`, await enlargedPNG(overlay, { range: [0, 1] }))
}

/** Cells of a bar. */
const BAR = 24

function table(path: string, guesses: readonly Guess[], picture: string | undefined): string {
  const widest = Math.max(...guesses.map(({ name }) => name.length))
  const rows = guesses.map(({ name, probability }, i) => {
    const filled = Math.round(BAR * probability)
    const share = `${(100 * probability).toFixed(2)} %`.padStart(9)
    return `  ${`${i + 1}`.padStart(2)}  ${name.padEnd(widest)}  ${'━'.repeat(filled)}${'─'.repeat(BAR - filled)} ${share}`
  })
  return [path, ...rows, ...(picture === undefined ? [] : [`  ${picture}`]), ''].join('\n')
}
