// What depthwise kernels share that read a plane from a copy with zeros around it, in the scratch of the thread.
import { type Code, forRange, i32, local, type Local, v128 } from '../assembler/index.ts'

/** A thread's copy of a plane may take so much of level 2. */
export const MOST_COPY_BYTES = 512 * 1024
/** Rows that are computed together. */
export const TILE_ROWS = 4
/** Floats that vectors may be read past a row of the copy. */
export const COPY_SLACK = 8

/** Copies a row of at least four pixels; `x` counts them. */
export function copyRow(x: Local, from: Local, to: Local, width: Local): Code {
  const step = v128.store(i32.add(to, i32.shl(x, 2)), v128.load(i32.add(from, i32.shl(x, 2))))
  return [
    forRange(x, 0, i32.sub(width, 4), 4, step),
    // The last vector overlaps the one before.
    local.set(x, i32.sub(width, 4)),
    step,
  ]
}
