import type { Generator } from '@badak/tensor'
import { between, type Canvas } from './canvas.ts'
import { type Turn, turnOf } from './turn.ts'
import type { Patch } from './draw-sprite.ts'
import { hashed } from './value-noise.ts'

/** Light on one object: other paint, a lamp nearer to it. */
export function lightObject({ data }: Patch, light: number, generator: Generator): void {
  if (light === 0) return
  const contrast = 1 + light * between(generator, -0.3, 0.3)
  const brightness = 1 + light * between(generator, -0.3, 0.3)
  const gains = [0, 1, 2].map(() => brightness * (1 + light * between(generator, -0.12, 0.12)))
  // Colours are multiplied by alpha, so the grey that contrast turns about is, too.
  const grey = 128 * (1 - contrast)
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!
    if (alpha === 0) continue
    for (let c = 0; c < 3; c++) {
      const value = (data[i + c]! * contrast + grey * alpha) * gains[c]!
      data[i + c] = Math.min(255 * alpha, Math.max(0, value))
    }
  }
}

/** The light of a scene: where it comes from, and how dark the shadows are. */
export interface SceneLight {
  /** The direction in which it gets brighter; shadows fall the other way. */
  readonly turn: Turn
  /** How much brighter, from the middle to the edge. */
  readonly slope: number
  readonly gains: readonly number[]
  /** What share of the light a shadow takes. */
  readonly shadow: number
}

/** A light for a scene; without light's differences, none and no shadows. */
export function anyLight(light: number, generator: Generator): SceneLight {
  return {
    turn: turnOf(360 * generator.uniform()),
    slope: light * between(generator, 0, 0.4),
    gains: [0, 1, 2].map(() => 1 + light * between(generator, -0.12, 0.12)),
    shadow: light * Math.max(0, between(generator, -0.3, 0.7)),
  }
}

/**
 * The finished picture: light over all of it, and grain.
 *
 * @param seed 32 bits that choose the grain
 */
export function develop(
  { width, height, pixels }: Canvas,
  scene: SceneLight,
  noise: number,
  seed: number,
): Uint8Array {
  const picture = new Uint8Array(pixels.length)
  const { cos, sin } = scene.turn
  const slope = (2 * scene.slope) / (width + height)
  const grain = 255 * noise
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const brightness = 1 + slope * (cos * (x + 0.5 - width / 2) + sin * (y + 0.5 - height / 2))
      const at = (y * width + x) * 3
      for (let c = 0; c < 3; c++) {
        const value = pixels[at + c]! * brightness * scene.gains[c]! + grain * hashed(seed, at + c)
        picture[at + c] = Math.min(255, Math.max(0, value + 0.5))
      }
    }
  }
  return picture
}
