import { mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { seed, type Tensor } from '@badak/tensor'
import { escapeHTML, type ImageCard, imageCards, imageURIs, reportPage } from '@badak/viz'
import { parse, UsageError } from 'command-line/arguments'
import { percent } from 'command-line/numbers'
import writeFileAtomic from 'write-file-atomic'
import type { Classifier, Guess } from '../classifier.ts'
import { enlargedPNG } from '../enlarged.ts'
import { type Explanation, explanations } from '../explanations.ts'
import { nameOf, readImage, writePNG } from '../image-file.ts'
import { prepare } from '../prepare.ts'
import { classifierDefinitions, classifierHelp, machineHelp, openAsked } from './classifier-options.ts'

export const explainHelp = `Shows in six ways which pixels of an image an answer rests on, as one page and as pictures.

  npm run classify -- explain <image> [options]

  <image>                  JPEG, PNG or WebP
${classifierHelp}
  --class <name>           what is to be explained; default: the likeliest class
  --out <dir>              default runs/explanations/<image>
${machineHelp}`

const definitions = { ...classifierDefinitions, out: { type: 'string' }, class: { type: 'string' } } as const

/** `classify explain …`. Returns the exit code. */
export async function runExplain(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, { options: definitions, allowPositionals: true })
  if (values.help) {
    console.log(explainHelp)
    return 0
  }
  const [path, ...more] = positionals
  if (path === undefined || more.length > 0)
    throw new UsageError('explain: one image at a time: explain <image>')
  const { classifier } = await openAsked(values)
  const { classes } = classifier.description
  const asked = values.class === undefined ? undefined : classes.indexOf(values.class)
  if (asked === -1) throw new UsageError(`--class: expected one of ${classes.join(', ')}: ${values.class}`)
  const image = await readImage(path)
  const prepared = prepare(image, classifier.description)
  if (!prepared) throw new UsageError(`${path}: nothing is in it`)
  // SmoothGrad draws noise; the same image gives the same page.
  seed(1)
  const guesses = await classifier.guess(prepared.x)
  const target = asked ?? guesses[0]!.label
  const directory = values.out ?? join('runs', 'explanations', nameOf(path))
  const found = await explanations(classifier, prepared.x, target)
  for (const { name, picture, range } of found)
    await writePNG(directory, name, await enlargedPNG(picture, { range }))
  const page = await writePage(directory, {
    classifier,
    path,
    guesses,
    target,
    found,
    given: prepared.x,
  })
  console.log(guesses.map(({ name, probability }) => `${name} ${percent(probability)}`).join(' · '))
  console.log(`page      ${relative('', page)}`)
  console.log(`pictures  ${relative('', directory)}/{${found.map(({ name }) => name).join(',')}}.png`)
  return 0
}

interface PageParts {
  readonly classifier: Classifier
  readonly path: string
  readonly guesses: readonly Guess[]
  readonly target: number
  readonly found: readonly Explanation[]
  /** The image as the network gets it. */
  readonly given: Tensor
}

async function writePage(
  directory: string,
  { classifier, path, guesses, target, found, given }: PageParts,
): Promise<string> {
  const { model, classes } = classifier.description
  const cards = [
    await card({ title: 'The image', text: 'as the network gets it.', picture: given, range: [0, 1] }),
    ...(await Promise.all(found.map(card))),
  ]
  const page = reportPage({
    title: `Why ${classes[target]}?`,
    name: model,
    subtitle: path,
    facts: guesses.map(({ name, probability }) => [percent(probability), name]),
    sections: [{ title: `What speaks for ${classes[target]}`, content: [imageCards(cards, { width: 250 })] }],
  })
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'index.html')
  await writeFileAtomic(file, page)
  return file
}

async function card({ title, text, picture, range }: Omit<Explanation, 'name'>): Promise<ImageCard> {
  const [uri] = await imageURIs(picture, { range })
  return { uri: uri!, alt: title, caption: `<span><b>${escapeHTML(title)}</b> ${escapeHTML(text)}</span>` }
}
