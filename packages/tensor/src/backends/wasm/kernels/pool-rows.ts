import {
  type Code,
  f32,
  f32x4,
  forRange,
  i32,
  i32x4,
  increase,
  local,
  type Local,
  type Locals,
  memory,
  type ModuleBuilder,
  shuffle32,
  v128,
  when,
  whileTrue,
} from '../assembler/index.ts'
import { loadLane, loadLanes, storeLane, storeLanes } from '../body/lanes.ts'
import { readArguments } from '../contract/arguments.ts'
import { Fold } from './fold.ts'
import { shiftOf, windowWords } from './window-sizes.ts'

type PoolMode = 'max' | 'argmax' | 'sum'
type PoolType = 'float32' | 'int32' | 'uint8'

/** What of a window's width is fixed in code. */
export interface PoolForm {
  /** Distance of neighbouring windows where their elements are read as vectors; 0: lane by lane. */
  readonly stride: 0 | 1 | 2
  /** Columns of a window where they are few and neighbours; 0: any number, any distance apart. */
  readonly columns: number
}

/** Rows of pooled values, four neighbours at a time. */
export function writePool(builder: ModuleBuilder, mode: PoolMode, dtype: PoolType, form: PoolForm): void {
  const fold = new Fold(mode === 'sum' ? 'sum' : 'max', dtype)
  const outType = mode === 'argmax' ? 'int32' : dtype
  const outShift = shiftOf(outType)
  builder.func({ name: 'pool', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, x, left, target] = locals.many('i32', 4)
    const pool = new WindowReader(locals, args, fold, mode, dtype, form)
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

/**
 * The gradient of a maximum: adds each element to the greatest of its window in a plane of zeros. One unit is a plane.
 */
export function writeMaxGradient(builder: ModuleBuilder, form: PoolForm): void {
  const fold = new Fold('max', 'float32')
  builder.func({ name: 'maxGradient', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [plane, x, y, row, source, target, place, bytes] = locals.many('i32', 8)
    const pool = new WindowReader(locals, args, fold, 'argmax', 'float32', form)
    const { g, result } = pool
    const addLane = (lane: number): Code => [
      local.set(place, i32.add(target, i32.shl(i32x4.extract_lane(lane, result), 2))),
      f32.store(place, f32.add(f32.load(place), f32.load(source, 4 * lane))),
    ]
    return [
      pool.code,
      local.set(bytes, i32.shl(i32.mul(g.inputHeight, g.inputWidth), 2)),
      local.set(row, i32.mul(begin, g.outputHeight)),
      forRange(plane, begin, end, 1, [
        local.set(target, i32.add(g.store, i32.mul(plane, bytes))),
        memory.fill(target, 0, bytes),
        forRange(y, 0, g.outputHeight, 1, [
          local.set(source, i32.add(g.gradient, i32.shl(i32.mul(row, g.outputWidth), 2))),
          pool.startRow(row),
          forRange(x, 0, g.outputWidth, 4, [
            pool.read(x),
            addLane(0),
            [1, 2, 3].map((lane) => when(i32.lt_u(i32.add(x, lane), g.outputWidth), addLane(lane))),
            increase(source, 16),
          ]),
          increase(row, 1),
        ]),
      ]),
    ]
  })
}

type WindowWord = (typeof windowWords)[number]

/** Folds the windows of four neighbouring results together. */
class WindowReader {
  /** Reads the sizes; runs once per call. */
  readonly code: Code
  readonly g: Readonly<Record<WindowWord, Local>>
  readonly #fold: Fold
  readonly #mode: PoolMode
  readonly #dtype: PoolType
  readonly #form: PoolForm
  readonly #value: Local
  readonly #best: Local
  /** Position of the best within its plane, and of the value. */
  readonly #where: Local
  readonly #position: Local
  readonly #wins: Local
  /** The largest of the rows, for neighbouring columns. */
  readonly #columnFolds: readonly [Local, Local, Local]
  /** What never wins, the width of the plane, and how far the lanes' columns are from the first, in all lanes. */
  readonly #identity: Local
  readonly #width: Local
  readonly #steps: Local
  /** Column of each lane's element, and whether it exists. */
  readonly #columns: Local
  readonly #inside: Local
  /** The input row of window row ky, its first element's position in the plane, and its address. */
  readonly #row: Local
  readonly #rowStart: Local
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

  constructor(locals: Locals, args: Local, fold: Fold, mode: PoolMode, dtype: PoolType, form: PoolForm) {
    const { code, words } = readArguments(locals, args, windowWords)
    this.g = words
    this.#fold = fold
    this.#mode = mode
    this.#dtype = dtype
    this.#form = form
    ;[this.#value, this.#best, this.#where, this.#position, this.#wins] = locals.many('v128', 5)
    this.#columnFolds = [locals.v128(), locals.v128(), locals.v128()]
    ;[this.#identity, this.#width, this.#steps, this.#columns, this.#inside] = locals.many('v128', 5)
    ;[this.#row, this.#rowStart, this.#rowAddress, this.#topRow, this.#bottomRow] = locals.many('i32', 5)
    ;[this.#plane, this.#firstColumn, this.#column, this.#kx, this.#pointer] = locals.many('i32', 5)
    this.code = [
      code,
      local.set(this.#identity, fold.identity),
      local.set(this.#width, i32x4.splat(words.inputWidth)),
      local.set(this.#steps, i32x4.mul(i32x4.splat(words.strideWidth), i32x4.const([0, 1, 2, 3]))),
    ]
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
    const allInside = i32.and(i32.ge_s(first, 0), i32.lt_s(last, g.inputWidth))
    return [
      local.set(this.#best, this.#identity),
      local.set(this.#where, i32x4.const([-1, -1, -1, -1])),
      local.set(first, i32.sub(i32.mul(x, g.strideWidth), g.paddingLeft)),
      this.#form.stride === 0
        ? this.#overRows(() => this.#takeLanes(x))
        : when(
            allInside,
            this.#mode === 'max' && this.#form.stride === 2 && this.#form.columns > 1
              ? this.#foldRowsFirst()
              : this.#overRows((ahead) => this.#takeVector(ahead, false)),
            this.#overRows((ahead) => this.#takeVector(ahead, true)),
          ),
    ]
  }

  /** `take(ahead)` folds the elements `ahead` columns right of `columns`, for each row and column of the window. */
  #overRows(take: (ahead: number) => Code): Code {
    const { g } = this
    const [column, columns] = [this.#column, this.#columns]
    const { columns: few } = this.#form
    const overColumns =
      few > 0
        ? Array.from({ length: few }, (_, ahead) => take(ahead))
        : forRange(this.#kx, 0, g.kernelWidth, 1, [
            take(0),
            increase(column, g.dilationWidth),
            increase(this.#pointer, this.#bytes(local.get(g.dilationWidth))),
            local.set(columns, i32x4.add(columns, i32x4.splat(g.dilationWidth))),
          ])
    return this.#eachRow([
      local.set(column, this.#firstColumn),
      local.set(columns, i32x4.add(i32x4.splat(column), this.#steps)),
      overColumns,
    ])
  }

  /** Goes through the rows of the windows; `pointer` is where the first column of the first window lies. */
  #eachRow(body: Code): Code {
    const { g } = this
    const row = this.#row
    return [
      local.set(row, this.#topRow),
      whileTrue(i32.lt_s(row, this.#bottomRow), [
        local.set(this.#rowStart, i32.mul(row, g.inputWidth)),
        local.set(this.#rowAddress, i32.add(this.#plane, this.#bytes(local.get(this.#rowStart)))),
        local.set(this.#pointer, i32.add(this.#rowAddress, this.#bytes(local.get(this.#firstColumn)))),
        body,
        increase(row, g.dilationHeight),
      ]),
    ]
  }

  /**
   * The largest of each column, then of the columns of each window: half the work where these are two apart. (A
   * sum would be another in its last digits.)
   */
  #foldRowsFirst(): Code {
    const [low, high, end] = this.#columnFolds
    const folds = this.#form.columns === 3 ? [low, high, end] : [low, high]
    // Columns 0 … 3, 4 … 7, 5 … 8.
    const first = [0, 4, 5]
    const even = this.#best
    return [
      folds.map((fold) => local.set(fold, this.#identity)),
      this.#eachRow(
        folds.map((fold, k) => [
          local.set(this.#value, loadLanes(this.#dtype, this.#pointer, first[k] << shiftOf(this.#dtype))),
          this.#fold.into(fold, this.#value),
        ]),
      ),
      local.set(even, shuffle32([0, 2, 4, 6], low, high)),
      local.set(this.#value, shuffle32([1, 3, 5, 7], low, high)),
      folds.length === 2 ? [] : local.set(end, shuffle32([1, 2, 3, 7], even, end)),
      this.#fold.into(this.#best, this.#value),
      folds.length === 2 ? [] : this.#fold.into(this.#best, end),
    ]
  }

  #columnsAt(ahead: number): Code {
    if (ahead === 0) return local.get(this.#columns)
    return i32x4.add(this.#columns, i32x4.const([ahead, ahead, ahead, ahead]))
  }

  /** Folds four elements from one or two vectors; `atEdge` some may not exist (memory does, around the plane). */
  #takeVector(ahead: number, atEdge: boolean): Code {
    const shift = shiftOf(this.#dtype)
    const low = loadLanes(this.#dtype, this.#pointer, ahead << shift)
    const high = loadLanes(this.#dtype, this.#pointer, (ahead + 4) << shift)
    const lanes = this.#form.stride === 1 ? low : shuffle32([0, 2, 4, 6], low, high)
    return [
      local.set(this.#value, lanes),
      atEdge
        ? [
            local.set(this.#inside, i32x4.lt_u(this.#columnsAt(ahead), this.#width)),
            local.set(this.#value, v128.bitselect(this.#value, this.#identity, this.#inside)),
          ]
        : [],
      this.#take(ahead, atEdge),
    ]
  }

  /** Folds four elements that are read one by one. */
  #takeLanes(x: Local): Code {
    const { g } = this
    const lanes = [0, 1, 2, 3].map((lane) => {
      const column = i32.add(this.#column, i32.mul(g.strideWidth, lane))
      const exists = i32.and(i32.lt_u(column, g.inputWidth), i32.lt_u(i32.add(x, lane), g.outputWidth))
      const address = i32.add(this.#rowAddress, this.#bytes(column))
      return when(exists, local.set(this.#value, replaceLane(this.#dtype, lane, this.#value, address)))
    })
    return [
      local.set(this.#value, this.#identity),
      lanes,
      local.set(this.#inside, i32x4.lt_u(this.#columns, this.#width)),
      this.#take(0, true),
    ]
  }

  /** Folds `value`; `atEdge` its lanes that are not `inside` hold the identity. */
  #take(ahead: number, atEdge: boolean): Code {
    if (this.#mode !== 'argmax') return this.#fold.into(this.#best, this.#value)
    const better = v128.or(this.#isGreater(), i32x4.lt_s(this.#where, 0))
    return [
      local.set(this.#position, i32x4.add(this.#columnsAt(ahead), i32x4.splat(this.#rowStart))),
      local.set(this.#wins, atEdge ? v128.and(this.#inside, better) : better),
      local.set(this.#where, v128.bitselect(this.#position, this.#where, this.#wins)),
      local.set(this.#best, v128.bitselect(this.#value, this.#best, this.#wins)),
    ]
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
