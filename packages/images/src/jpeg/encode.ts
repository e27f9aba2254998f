import { BadakError } from '@badak/tensor'
import { Codec, type CodecModule } from '../codec.ts'
import type { Image } from '../image.ts'

interface Encoder extends CodecModule {
  encode(rgba: Uint8Array, width: number, height: number, options: object): Uint8Array
}

const codec = new Codec<Encoder>(
  '@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm',
  () => import('@jsquash/jpeg/codec/enc/mozjpeg_enc.js'),
)

/** MozJpegColorSpace of the codec. */
const GRAYSCALE = 1
const YCBCR = 3

/** The codec takes nothing but red, green, blue and alpha. */
export async function encodeRGBA(
  { data, width, height }: Image,
  options: { readonly quality: number; readonly progressive: boolean; readonly grey: boolean },
): Promise<Uint8Array<ArrayBuffer>> {
  const { quality, progressive, grey } = options
  const settings = {
    quality,
    progressive,
    baseline: !progressive,
    arithmetic: false,
    optimize_coding: true,
    smoothing: 0,
    color_space: grey ? GRAYSCALE : YCBCR,
    quant_table: 3,
    trellis_multipass: false,
    trellis_opt_zero: false,
    trellis_opt_table: false,
    trellis_loops: 1,
    auto_subsample: true,
    chroma_subsample: 2,
    separate_chroma_quality: false,
    chroma_quality: quality,
  }
  const { result, messages, cause } = await codec.run((module) => {
    // Copied: it is a view of the codec's memory.
    return new Uint8Array(module.encode(data, width, height, settings))
  })
  if (result === undefined) throw new BadakError(`encodeJPEG: ${messages.at(-1) ?? 'failed'}`, { cause })
  return result
}
