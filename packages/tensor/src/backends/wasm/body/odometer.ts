import { type Code, i32, increase, local, type Local, type Locals, when } from '../assembler/index.ts'

/**
 * A position in memory that moves with the coordinates; numbers are positions in the argument block, in
 * bytes.
 */
export interface Cursor {
  readonly pointer: Local
  /** One for each axis of the odometer. */
  readonly strides: readonly number[]
}

/**
 * Counts through some axes of an iteration space in row-major order, the last axis fastest, and keeps cursors
 * at the element they stand for.
 */
export class Odometer {
  /** The present position along each axis. */
  readonly coordinates: readonly Local[]
  readonly #args: Local
  readonly #sizes: readonly number[]
  readonly #cursors: readonly Cursor[]
  readonly #rest: Local

  /** `sizes` are positions in the argument block. */
  constructor(locals: Locals, args: Local, sizes: readonly number[], cursors: readonly Cursor[]) {
    this.#args = args
    this.#sizes = sizes
    this.#cursors = cursors
    this.coordinates = sizes.map(() => locals.i32())
    this.#rest = locals.i32()
  }

  /** Goes to flat position `position`; the cursors must stand at the position of all zeros. */
  seek(position: Local | Code): Code {
    const rest = this.#rest
    return [
      local.set(rest, position),
      this.#sizes
        .map((_, position) => this.#sizes.length - 1 - position)
        .map((axis) => {
          const coordinate = this.coordinates[axis]
          return [
            local.set(coordinate, axis === 0 ? rest : i32.rem_u(rest, this.#size(axis))),
            axis === 0 ? [] : local.set(rest, i32.div_u(rest, this.#size(axis))),
            this.#cursors.map(({ pointer, strides }) =>
              increase(pointer, i32.mul(coordinate, this.#argument(strides[axis]))),
            ),
          ]
        }),
    ]
  }

  /** Goes on by one position; after the last one it starts over. */
  step(axis = this.#sizes.length - 1): Code {
    if (axis < 0) return []
    const coordinate = this.coordinates[axis]
    const size = this.#size(axis)
    return [
      increase(coordinate, 1),
      this.#cursors.map(({ pointer, strides }) => increase(pointer, this.#argument(strides[axis]))),
      when(i32.eq(coordinate, size), [
        this.#cursors.map(({ pointer, strides }) =>
          local.set(pointer, i32.sub(pointer, i32.mul(this.#argument(strides[axis]), size))),
        ),
        local.set(coordinate, i32.const(0)),
        this.step(axis - 1),
      ]),
    ]
  }

  #size(axis: number): Code {
    return this.#argument(this.#sizes[axis])
  }

  #argument(position: number): Code {
    return i32.load(this.#args, 4 * position)
  }
}
