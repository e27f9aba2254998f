import { Codec, type CodecModule, type DecodedPixels } from '../codec.ts'
import { type Place, refuse } from '../place.ts'

interface Decoder extends CodecModule {
  decode(bytes: Uint8Array, orient: boolean): DecodedPixels | null
}

const codec = new Codec<Decoder>(
  '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm',
  () => import('@jsquash/jpeg/codec/dec/mozjpeg_dec.js'),
)

/** What the codec says of a file that is cut off or broken, while it fills what is missing with grey. */
const broken = /^Premature end|premature end of data|bad Huffman|bad progression|instead of RST|Inconsistent/

/** libjpeg's pixels, which Pillow and torchvision give too. */
export async function decodeJPEG(bytes: Uint8Array, place: Place): Promise<DecodedPixels> {
  const { result, messages, cause } = await codec.run((module) => module.decode(bytes, false))
  const complaint = messages.find((message) => broken.test(message))
  if (complaint !== undefined) refuse(place, complaint)
  return result ?? refuse(place, messages.at(-1) ?? 'the JPEG cannot be decoded', cause)
}
