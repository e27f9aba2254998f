import { type Place, refuse } from '../place.ts'

/** Numbers longer than this are no numbers of a checkpoint, and slow to convert. */
const MAX_LONG_BYTES = 1024

/** Reads the arguments of opcodes; every length is compared with what is left before anything is taken. */
export class PickleReader {
  /** The opcode that is being read. */
  opcodeAt = 0
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly place: Place
  private at: number

  constructor(bytes: Uint8Array, place: Place, begin = 0) {
    this.at = begin
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.place = place
  }

  /** @throws FormatError that names the place of the opcode */
  refuse(what: string): never {
    return refuse(this.place, this.opcodeAt, what)
  }

  /** Where the next byte lies. */
  get position(): number {
    return this.at
  }

  opcode(): number {
    this.opcodeAt = this.at
    return this.uint8()
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1))
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true)
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true)
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true)
  }

  uint64(): number {
    return Number(this.view.getBigUint64(this.advance(8), true))
  }

  /** Pickles have floats, unlike everything else, in big-endian. */
  float64(): number {
    return this.view.getFloat64(this.advance(8))
  }

  /** A copy. */
  take(length: number): Uint8Array {
    const begin = this.advance(length)
    return new Uint8Array(this.bytes.subarray(begin, begin + length))
  }

  text(length: number): string {
    const begin = this.advance(length)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        this.bytes.subarray(begin, begin + length),
      )
    } catch {
      return this.refuse('a string is not UTF-8')
    }
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at)
    if (end < 0) this.refuse('the pickle ends in a name')
    const text = this.text(end - this.at)
    this.at = end + 1
    return text
  }

  /** A whole number of any length, in two's complement. */
  long(length: number): number | bigint {
    if (length > MAX_LONG_BYTES)
      this.refuse(`a number of ${length} bytes; at most ${MAX_LONG_BYTES} are read`)
    const bytes = this.take(length)
    const digits = Array.from(bytes.toReversed(), (byte) => byte.toString(16).padStart(2, '0')).join('')
    const value = BigInt.asIntN(8 * length, BigInt(`0x${digits || '0'}`))
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }

  private advance(length: number): number {
    const begin = this.at
    const left = this.bytes.length - begin
    if (length > left) this.refuse(`the pickle ends early: ${length} bytes are needed, ${left} are left`)
    this.at += length
    return begin
  }
}
