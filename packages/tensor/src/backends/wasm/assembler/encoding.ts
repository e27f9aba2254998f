/** LEB128 of a non-negative integer below 2⁵³. */
export function unsigned(value: number): number[] {
  if (value < 128) return [value]
  const bytes = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? low | 128 : low)
  } while (rest > 0)
  return bytes
}

/** LEB128 of a signed integer within ±2⁵³. */
export function signed(value: number): number[] {
  const bytes = []
  let rest = value
  for (;;) {
    const low = ((rest % 128) + 128) % 128
    rest = Math.floor(rest / 128)
    // The sign bit of the last byte must say what is left: 0 or −1.
    const done = (rest === 0 && low < 64) || (rest === -1 && low >= 64)
    bytes.push(done ? low : low | 128)
    if (done) return bytes
  }
}

export function bytesOfF32(value: number): number[] {
  return [...new Uint8Array(Float32Array.of(value).buffer)]
}

export function bytesOfF64(value: number): number[] {
  return [...new Uint8Array(Float64Array.of(value).buffer)]
}

export function bytesOfI32(value: number): number[] {
  return [...new Uint8Array(Int32Array.of(value).buffer)]
}

/** A vector in the sense of the binary format: its length, then its items. */
export function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()]
}

/** A name in UTF-8 after its length. */
export function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value)
  return [...unsigned(bytes.length), ...bytes]
}
