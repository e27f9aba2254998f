/** The 16-bit pattern (IEEE 754 binary16) nearest to `value`; halves go to the even one. */
export function toFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const magnitude = Math.abs(value)
  if (magnitude >= 65520) return sign | 0x7c00
  // Below 2⁻¹⁴ the steps stay those of 2⁻¹⁴: subnormals. A carry into the next power of two is the next
  // pattern anyway.
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14)
  return sign | ((exponent + 14) * 1024 + roundHalfEven(magnitude / 2 ** (exponent - 10)))
}

function roundHalfEven(value: number): number {
  const low = Math.floor(value)
  const rest = value - low
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low
}

/** The number that a 16-bit pattern stands for. */
export function fromFloat16(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1
  const exponent = (pattern >>> 10) & 0x1f
  const fraction = pattern & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
