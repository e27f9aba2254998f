// Makes the emoji atlas of `scenes` out of two npm packages, which are too large to depend on:
//
//   cd $(mktemp -d)
//   npm pack emoji-datasource-google@16.0.0 emoji-datasource-twitter@16.0.0
//   for file in *.tgz; do mkdir ${file%-*} && tar xzf $file -C ${file%-*} --strip-components=1; done
//   node --conditions=@badak/source <checkout>/packages/datasets/tools/make-atlas.ts emoji-datasource-{google,twitter}
//
// Writes atlas/{google,twitter}.png and atlas/sprites.json. Which sprites: emoji-sprites.ts.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { decodeImage, encodePNG } from '@badak/images'
import { sprites } from './emoji-sprites.ts'

/** Width and height of a sprite. */
const SIZE = 64
const COLUMNS = 16

/** What emoji.json says of one. */
interface Emoji {
  readonly short_name: string
  readonly name: string
  readonly unified: string
  readonly image: string
}

const chosen = Object.entries(sprites).flatMap(([label, names]) =>
  names.split(/\s+/).map((name, i) => ({ label, name, first: i === 0 })),
)

/** The pixels of an image file as red, green, blue, alpha; some are palettes, some are grey with alpha. */
async function readRgba(path: string): Promise<Uint8Array> {
  const { width, height, data } = await decodeImage(readFileSync(path), { name: path, channels: 4 })
  if (width !== SIZE || height !== SIZE) throw new Error(`${path}: not ${SIZE}x${SIZE}`)
  return data
}

/** Invisible pixels have no colour: they differ between drawing programs, and cost bytes. */
function clearInvisible(rgba: Uint8Array): void {
  for (let i = 0; i < rgba.length; i += 4) if (rgba[i + 3] === 0) rgba.fill(0, i, i + 3)
}

async function atlasOf(
  directory: string,
  vendor: string,
  emoji: ReadonlyMap<string, Emoji>,
): Promise<Uint8Array> {
  const rows = Math.ceil(chosen.length / COLUMNS)
  const width = COLUMNS * SIZE
  const data = new Uint8Array(width * rows * SIZE * 4)
  for (const [i, { name }] of chosen.entries()) {
    const rgba = await readRgba(join(directory, 'img', vendor, '64', emoji.get(name)!.image))
    clearInvisible(rgba)
    const [x, y] = [(i % COLUMNS) * SIZE, Math.floor(i / COLUMNS) * SIZE]
    for (let row = 0; row < SIZE; row++) {
      data.set(rgba.subarray(row * SIZE * 4, (row + 1) * SIZE * 4), ((y + row) * width + x) * 4)
    }
  }
  return encodePNG({ width, height: rows * SIZE, channels: 4, data }, { level: 9 })
}

function indexOf(emoji: ReadonlyMap<string, Emoji>): string {
  const lines = chosen.map(({ label, name }, i) => {
    const { unified } = emoji.get(name)!
    const [x, y] = [(i % COLUMNS) * SIZE, Math.floor(i / COLUMNS) * SIZE]
    return `    ${JSON.stringify({ class: label, name, unicode: unified, x, y })}`
  })
  const classes = JSON.stringify(Object.keys(sprites))
  return `{\n  "size": ${SIZE},\n  "classes": ${classes},\n  "sprites": [\n${lines.join(',\n')}\n  ]\n}\n`
}

for (const directory of process.argv.slice(2)) {
  const vendor = basename(directory).split('-').at(-1)!
  const list = JSON.parse(readFileSync(join(directory, 'emoji.json'), 'utf8')) as Emoji[]
  const emoji = new Map(list.map((entry) => [entry.short_name, entry]))
  const missing = chosen.filter(({ name }) => !emoji.has(name))
  if (missing.length > 0) throw new Error(`${vendor} lacks ${missing.map(({ name }) => name).join(', ')}`)
  const out = new URL('../atlas/', import.meta.url)
  const png = await atlasOf(directory, vendor, emoji)
  writeFileSync(new URL(`${vendor}.png`, out), png)
  writeFileSync(new URL('sprites.json', out), indexOf(emoji))
  console.log(`${vendor}: ${chosen.length} sprites, ${png.length} bytes`)
}
