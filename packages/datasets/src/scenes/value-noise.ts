/**
 * Adds smooth noise: random numbers on a grid, interpolated between.
 *
 * @param sum `height · width` numbers; noise from −amplitude to amplitude is added
 * @param cell the distance of two points of the grid, in pixels
 * @param seed 32 bits that choose the numbers
 * @see Perlin 1985, "An image synthesizer", doi:10.1145/325165.325247
 */
export function addNoise(
  sum: Float32Array,
  width: number,
  cell: number,
  amplitude: number,
  seed: number,
): void {
  const height = sum.length / width
  const columns = Math.ceil(width / cell) + 2
  const weights = Float32Array.from({ length: width }, (_, x) => smooth(fraction(x / cell)))
  const line = new Float32Array(columns)
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / cell)
    const share = smooth(fraction(y / cell))
    for (let c = 0; c < columns; c++) {
      const above = hashed(seed, row * columns + c)
      line[c] = amplitude * (above + (hashed(seed, (row + 1) * columns + c) - above) * share)
    }
    for (let x = 0; x < width; x++) {
      const column = Math.floor(x / cell)
      const left = line[column]!
      sum[y * width + x]! += left + (line[column + 1]! - left) * weights[x]!
    }
  }
}

const fraction = (x: number): number => x - Math.floor(x)
const smooth = (t: number): number => t * t * (3 - 2 * t)

/**
 * A number from −1 to 1 for each seed and place: the finalizer of MurmurHash3, which is quicker than a generator
 * where many are needed.
 */
export function hashed(seed: number, place: number): number {
  let bits = (seed ^ Math.imul(place, 0x9e3779b1)) | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) * 2 ** -31
}
