import { ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '@badak/layers'
import { padAround, type PaddingMode, type PaddingWidths } from './pad-around.ts'
import type { Footprint, Seeing } from './footprint.ts'
import { checkRank } from './size.ts'

/**
 * Elements around images: a number for all sides, or one per side, as PyTorch lists them: left, right, then
 * top, bottom, then front, back. Negative ones cut elements off.
 */
export type SidesLike = number | readonly number[]

/** What the padding layers share. */
abstract class Padding extends Module implements Seeing {
  /** Left, right, top, bottom, front, back: two for each axis, the last axis first. */
  readonly padding: readonly number[]
  readonly #kind: string
  readonly #mode: PaddingMode
  readonly #value: number

  constructor(kind: string, axes: number, padding: SidesLike, mode: PaddingMode, value = 0) {
    super()
    const sides = typeof padding === 'number' ? Array<number>(2 * axes).fill(padding) : padding
    if (!Array.isArray(sides) || sides.length !== 2 * axes || !sides.every((s) => Number.isSafeInteger(s))) {
      const expected = ['left', 'right', 'top', 'bottom', 'front', 'back'].slice(0, 2 * axes)
      throw new ValueError(
        `${kind}: padding is neither an integer nor [${expected.join(', ')}]: ${JSON.stringify(padding)}`,
      )
    }
    this.padding = [...sides]
    this.#kind = kind
    this.#mode = mode
    this.#value = value
  }

  /**
   * @param x `[N, C, …]`
   * @returns `[N, C, …]`, each side longer by its padding
   * @throws ShapeError when `x` has another rank, or is too small to be mirrored, repeated or cut so far
   */
  forward(x: Tensor): Tensor {
    const axes = this.padding.length / 2
    checkRank(this.#kind, x, 2 + axes)
    const widths = Array.from({ length: axes }, (_, k): PaddingWidths => [
      this.padding[2 * k]!,
      this.padding[2 * k + 1]!,
    ]).reverse()
    return padAround(x, widths, { mode: this.#mode, value: this.#value })
  }

  /** What `receptiveField` asks for. */
  footprint(): Footprint[] {
    const before = this.padding.filter((_, side) => side % 2 === 0).reverse()
    return before.map((width) => ({ size: 1, stride: 1, start: -width }))
  }

  override toString(): string {
    return `${this.#kind}(${this.padding.join(', ')})`
  }
}

/** Zeros around sequences. */
export class ZeroPad1d extends Padding {
  /**
   * @param padding a number, or [left, right]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('ZeroPad1d', 1, padding, 'zeros')
  }
}

/** Zeros around images. */
export class ZeroPad2d extends Padding {
  /**
   * @param padding a number, or [left, right, top, bottom]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('ZeroPad2d', 2, padding, 'zeros')
  }
}

/** Zeros around volumes. */
export class ZeroPad3d extends Padding {
  /**
   * @param padding a number, or [left, right, top, bottom, front, back]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('ZeroPad3d', 3, padding, 'zeros')
  }
}

/** Sequences mirrored at their edges, which are not repeated. */
export class ReflectionPad1d extends Padding {
  /**
   * @param padding a number, or [left, right]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('ReflectionPad1d', 1, padding, 'reflect')
  }
}

/** Images mirrored at their edges, which are not repeated. */
export class ReflectionPad2d extends Padding {
  /**
   * @param padding a number, or [left, right, top, bottom]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('ReflectionPad2d', 2, padding, 'reflect')
  }
}

/** Volumes mirrored at their edges, which are not repeated. */
export class ReflectionPad3d extends Padding {
  /**
   * @param padding a number, or [left, right, top, bottom, front, back]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('ReflectionPad3d', 3, padding, 'reflect')
  }
}

/** The edges of sequences repeated. */
export class ReplicationPad1d extends Padding {
  /**
   * @param padding a number, or [left, right]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('ReplicationPad1d', 1, padding, 'replicate')
  }
}

/** The edges of images repeated. */
export class ReplicationPad2d extends Padding {
  /**
   * @param padding a number, or [left, right, top, bottom]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('ReplicationPad2d', 2, padding, 'replicate')
  }
}

/** The edges of volumes repeated. */
export class ReplicationPad3d extends Padding {
  /**
   * @param padding a number, or [left, right, top, bottom, front, back]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('ReplicationPad3d', 3, padding, 'replicate')
  }
}

/** Sequences continued from their other side. */
export class CircularPad1d extends Padding {
  /**
   * @param padding a number, or [left, right]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('CircularPad1d', 1, padding, 'circular')
  }
}

/** Images continued from their other side. */
export class CircularPad2d extends Padding {
  /**
   * @param padding a number, or [left, right, top, bottom]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('CircularPad2d', 2, padding, 'circular')
  }
}

/** Volumes continued from their other side. */
export class CircularPad3d extends Padding {
  /**
   * @param padding a number, or [left, right, top, bottom, front, back]
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike) {
    super('CircularPad3d', 3, padding, 'circular')
  }
}

/** One number around sequences. */
export class ConstantPad1d extends Padding {
  /**
   * @param padding a number, or [left, right]
   * @param value what is put around
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike, value: number) {
    super('ConstantPad1d', 1, padding, 'zeros', value)
  }
}

/** One number around images. */
export class ConstantPad2d extends Padding {
  /**
   * @param padding a number, or [left, right, top, bottom]
   * @param value what is put around
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike, value: number) {
    super('ConstantPad2d', 2, padding, 'zeros', value)
  }
}

/** One number around volumes. */
export class ConstantPad3d extends Padding {
  /**
   * @param padding a number, or [left, right, top, bottom, front, back]
   * @param value what is put around
   * @throws ValueError when a width is no integer
   */
  constructor(padding: SidesLike, value: number) {
    super('ConstantPad3d', 3, padding, 'zeros', value)
  }
}
