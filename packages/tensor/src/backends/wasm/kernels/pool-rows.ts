import {
  type Code,
  f32x4,
  forRange,
  i32,
  i32x4,
  increase,
  local,
  type Local,
  type Locals,
  type ModuleBuilder,
  shuffle32,
  v128,
  when,
  whileTrue,
} from '../assembler/index.ts'
import { loadLane, loadLanes, storeLane, storeLanes } from '../body/lanes.ts'
import { readArguments } from '../contract/arguments.ts'
import { MathLibrary } from '../math/library.ts'
import { Fold } from './fold.ts'
import { shiftOf, windowSizes } from './window-sizes.ts'

type PoolMode = 'max' | 'argmax' | 'sum'
type PoolType = 'float32' | 'int32' | 'uint8'

/**
 * Rows of pooled values, four neighbours at a time. Where all four windows lie within the columns of the
 * plane their elements are read as vectors (`stride` 1 or 2), else lane by lane.
 */
export function writePool(builder: ModuleBuilder, mode: PoolMode, dtype: PoolType, stride: number): void {
  const fold = new Fold(new MathLibrary(builder), mode === 'sum' ? 'sum' : 'max', dtype)
  const outType = mode === 'argmax' ? 'int32' : dtype
  const outShift = shiftOf(outType)
  builder.func({ name: 'pool', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, x, left, target] = locals.many('i32', 4)
    const pool = new WindowReader(locals, args, fold, mode, dtype, stride)
    const { g, result } = pool
    return [
      pool.code,
      forRange(unit, begin, end, 1, [
        local.set(target, i32.add(g.store, i32.shl(i32.mul(unit, g.outputWidth), outShift))),
        pool.startRow(unit),
        forRange(x, 0, g.outputWidth, 4, [
          pool.read(x),
          local.set(left, i32.sub(g.outputWidth, x)),
          when(
            i32.ge_u(left, 4),
            storeLanes(outType, target, result),
            [0, 1, 2].map((lane) =>
              when(i32.gt_u(left, lane), storeLane(outType, lane, i32.add(target, lane << outShift), result)),
            ),
          ),
          increase(target, 4 << outShift),
        ]),
      ]),
    ]
  })
}

type WindowWord = 'load' | 'store' | (typeof windowSizes)[number]

/** Folds the windows of four neighbouring results together. */
class WindowReader {
  /** Reads the sizes; runs once per call. */
  readonly code: Code
  readonly g: Readonly<Record<WindowWord, Local>>
  readonly #fold: Fold
  readonly #mode: PoolMode
  readonly #dtype: PoolType
  readonly #stride: number
  readonly #value: Local
  readonly #best: Local
  /** Position of the best within its plane, and of the value. */
  readonly #where: Local
  readonly #position: Local
  readonly #wins: Local
  /** The input row of window row ky, and its first element's address. */
  readonly #row: Local
  readonly #rowAddress: Local
  /** The first row and the one after the last that lie inside of the plane, and their place in the window. */
  readonly #topRow: Local
  readonly #bottomRow: Local
  /** Address of the plane. */
  readonly #plane: Local
  readonly #firstColumn: Local
  readonly #column: Local
  readonly #kx: Local
  readonly #pointer: Local

  constructor(locals: Locals, args: Local, fold: Fold, mode: PoolMode, dtype: PoolType, stride: number) {
    const { code, words } = readArguments(locals, args, ['load', 'store', ...windowSizes])
    this.code = code
    this.g = words
    this.#fold = fold
    this.#mode = mode
    this.#dtype = dtype
    this.#stride = stride
    ;[this.#value, this.#best, this.#where, this.#position, this.#wins] = locals.many('v128', 5)
    ;[this.#row, this.#rowAddress, this.#topRow, this.#bottomRow, this.#plane] = locals.many('i32', 5)
    ;[this.#firstColumn, this.#column, this.#kx, this.#pointer] = locals.many('i32', 4)
  }

  get result(): Local {
    return this.#mode === 'argmax' ? this.#where : this.#best
  }

  /** Goes to row `unit` of all planes: finds which rows of the input its windows touch. */
  startRow(unit: Local): Code {
    const { g } = this
    const [top, bottom] = [this.#topRow, this.#bottomRow]
    const plane = i32.mul(i32.div_u(unit, g.outputHeight), i32.mul(g.inputHeight, g.inputWidth))
    const first = i32.sub(i32.mul(i32.rem_u(unit, g.outputHeight), g.strideHeight), g.paddingTop)
    return [
      local.set(this.#plane, i32.add(g.load, this.#bytes(plane))),
      local.set(top, first),
      local.set(bottom, i32.add(top, i32.mul(g.kernelHeight, g.dilationHeight))),
      when(i32.gt_s(bottom, g.inputHeight), local.set(bottom, g.inputHeight)),
      whileTrue(i32.lt_s(top, 0), increase(top, g.dilationHeight)),
    ]
  }

  /** Folds the windows of results x … x + 3. */
  read(x: Local): Code {
    const { g } = this
    const first = this.#firstColumn
    const last = i32.add(
      i32.add(first, i32.mul(g.strideWidth, 3)),
      i32.mul(i32.sub(g.kernelWidth, 1), g.dilationWidth),
    )
    const within = i32.and(
      i32.and(i32.ge_s(first, 0), i32.lt_s(last, g.inputWidth)),
      i32.le_u(i32.add(x, 4), g.outputWidth),
    )
    return [
      local.set(this.#best, this.#fold.identity),
      local.set(this.#where, i32x4.const([-1, -1, -1, -1])),
      local.set(first, i32.sub(i32.mul(x, g.strideWidth), g.paddingLeft)),
      this.#stride === 0
        ? this.#overRows(this.#readEdge(x), this.#takeEdge())
        : when(
            within,
            this.#overRows(this.#readVector(), this.#takeVector()),
            this.#overRows(this.#readEdge(x), this.#takeEdge()),
          ),
    ]
  }

  /** For each row and column of the window: sets `value` by `read`, and folds it by `take`. */
  #overRows(read: Code, take: Code): Code {
    const { g } = this
    const [row, column, position] = [this.#row, this.#column, this.#position]
    const toFirst = i32.add(i32.mul(row, g.inputWidth), this.#firstColumn)
    return [
      local.set(row, this.#topRow),
      whileTrue(i32.lt_s(row, this.#bottomRow), [
        local.set(this.#rowAddress, i32.add(this.#plane, this.#bytes(i32.mul(row, g.inputWidth)))),
        local.set(column, this.#firstColumn),
        local.set(this.#pointer, i32.add(this.#rowAddress, this.#bytes(local.get(column)))),
        local.set(position, i32x4.add(i32x4.splat(toFirst), this.#laneColumns())),
        forRange(this.#kx, 0, g.kernelWidth, 1, [
          read,
          take,
          increase(column, g.dilationWidth),
          increase(this.#pointer, this.#bytes(local.get(g.dilationWidth))),
          local.set(position, i32x4.add(position, i32x4.splat(g.dilationWidth))),
        ]),
        increase(row, g.dilationHeight),
      ]),
    ]
  }

  /** How far the column of each lane is from that of the first. */
  #laneColumns(): Code {
    return i32x4.mul(i32x4.splat(this.g.strideWidth), i32x4.const([0, 1, 2, 3]))
  }

  #readVector(): Code {
    const low = loadLanes(this.#dtype, this.#pointer)
    const high = loadLanes(this.#dtype, this.#pointer, 4 << shiftOf(this.#dtype))
    return local.set(this.#value, this.#stride === 1 ? low : shuffle32([0, 2, 4, 6], low, high))
  }

  /** Lane by lane into a vector of what never wins. */
  #readEdge(x: Local): Code {
    const { g } = this
    const lanes = [0, 1, 2, 3].map((lane) => {
      const column = i32.add(this.#column, i32.mul(g.strideWidth, lane))
      const exists = i32.and(i32.lt_u(column, g.inputWidth), i32.lt_u(i32.add(x, lane), g.outputWidth))
      const address = i32.add(this.#rowAddress, this.#bytes(column))
      return when(exists, local.set(this.#value, replaceLane(this.#dtype, lane, this.#value, address)))
    })
    return [local.set(this.#value, this.#fold.identity), lanes]
  }

  /** Folds `value`, of which all lanes exist. */
  #takeVector(): Code {
    if (this.#mode !== 'argmax') return this.#fold.into(this.#best, this.#value)
    return this.#takeIndex(v128.or(this.#isGreater(), i32x4.lt_s(this.#where, 0)))
  }

  /** Folds `value`, in which lanes that do not exist hold the identity. */
  #takeEdge(): Code {
    if (this.#mode !== 'argmax') return this.#fold.into(this.#best, this.#value)
    const columns = i32x4.add(i32x4.splat(this.#column), this.#laneColumns())
    const inside = i32x4.lt_u(columns, i32x4.splat(this.g.inputWidth))
    return this.#takeIndex(v128.and(inside, v128.or(this.#isGreater(), i32x4.lt_s(this.#where, 0))))
  }

  /**
   * Where `value` beats `best`; of equals and of NaNs the first stays. What comes first wins even if it is
   * −∞.
   */
  #isGreater(): Code {
    const [value, best] = [this.#value, this.#best]
    if (this.#dtype !== 'float32') return i32x4.gt_s(value, best)
    return v128.or(f32x4.gt(value, best), v128.andnot(f32x4.ne(value, value), f32x4.ne(best, best)))
  }

  #takeIndex(wins: Code): Code {
    return [
      local.set(this.#wins, wins),
      local.set(this.#where, v128.bitselect(this.#position, this.#where, this.#wins)),
      local.set(this.#best, v128.bitselect(this.#value, this.#best, this.#wins)),
    ]
  }

  #bytes(elements: Code): Code {
    const shift = shiftOf(this.#dtype)
    return shift === 0 ? elements : i32.shl(elements, shift)
  }
}

/** `vector` with one lane from memory. */
function replaceLane(dtype: PoolType, lane: number, vector: Local, address: Code): Code {
  if (dtype !== 'uint8') return loadLane(dtype, lane, address, vector)
  return i32x4.replace_lane(lane, vector, i32.load8_u(address))
}
