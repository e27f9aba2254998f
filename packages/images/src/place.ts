import { FormatError } from '@badak/tensor'

/** How to speak of a file in an error. */
export interface Place {
  /** The public function that was called. */
  readonly operation: string
  /** A path, an address or 'bytes'. */
  readonly name: string
}

/** @throws FormatError `operation: name: what` */
export function refuse({ operation, name }: Place, what: string, cause?: unknown): never {
  throw new FormatError(`${operation}: ${name}: ${what}`, cause === undefined ? undefined : { cause })
}

/** Numbers in a file, and an error where it ends before. */
export class Reader {
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly #place: Place

  constructor(bytes: Uint8Array, place: Place) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#place = place
  }

  /** @throws FormatError when fewer than `count` bytes follow `offset` */
  need(offset: number, count: number): void {
    const { length } = this.bytes
    if (offset + count > length) refuse(this.#place, `the file ends early, after ${length} bytes`)
  }

  uint8(offset: number): number {
    this.need(offset, 1)
    return this.#view.getUint8(offset)
  }

  uint16(offset: number, littleEndian = false): number {
    this.need(offset, 2)
    return this.#view.getUint16(offset, littleEndian)
  }

  uint32(offset: number, littleEndian = false): number {
    this.need(offset, 4)
    return this.#view.getUint32(offset, littleEndian)
  }

  /** Four letters that name a part of a file. */
  tag(offset: number): string {
    this.need(offset, 4)
    return String.fromCharCode(...this.bytes.subarray(offset, offset + 4))
  }
}
