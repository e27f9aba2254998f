import { Codec, type CodecModule, type DecodedPixels } from '../codec.ts'
import { type Place, refuse } from '../place.ts'

interface Decoder extends CodecModule {
  decode(bytes: Uint8Array): DecodedPixels | null
}

const codec = new Codec<Decoder>(
  '@jsquash/webp/codec/dec/webp_dec.wasm',
  () => import('@jsquash/webp/codec/dec/webp_dec.js'),
)

/** libwebp's pixels. */
export async function decodeWebP(bytes: Uint8Array, place: Place): Promise<DecodedPixels> {
  const { result, cause } = await codec.run((module) => module.decode(bytes))
  return result ?? refuse(place, 'the WebP is cut off or broken', cause)
}
