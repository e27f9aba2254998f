import type { DecodedPixels } from '../codec.ts'
import { type Place, refuse } from '../place.ts'
import { compileInstalled } from '../wasm.node.ts'

type Decoder = (bytes: Uint8Array) => DecodedPixels

let decoder: Promise<Decoder> | undefined

async function load(): Promise<Decoder> {
  const { default: initialize, decode } = await import('@jsquash/png/codec/pkg/squoosh_png.js')
  await initialize(await compileInstalled('@jsquash/png/codec/pkg/squoosh_png_bg.wasm'))
  return decode
}

/** Depths below 8 are widened, of 16 bits the upper 8 remain, palettes are looked up. */
export async function decodePNG(bytes: Uint8Array, place: Place): Promise<DecodedPixels> {
  decoder ??= load()
  const decode = await decoder.catch((error: unknown) => {
    decoder = undefined
    throw error
  })
  try {
    return decode(bytes)
  } catch (cause) {
    return refuse(place, 'the data of the PNG are cut off or broken', cause)
  }
}
