import {
  br_if,
  call,
  type Code,
  f32,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  least,
  local,
  type Local,
  loop,
  type ModuleBuilder,
  type Operand,
  select,
  when,
} from '../assembler/index.ts'
import { readArguments } from './arguments.ts'
import { type GemmArgument, gemmArguments } from './gemm-arguments.ts'
import { forHeights, writeInnerTile, writeTile } from './micro-kernel.ts'
import { heightOf, type Packers, rowOffset } from './pack.ts'
import { TILE_WIDTH, tileHeight } from './tiles.ts'

/** What is known where a block comes to one of its tiles. */
interface TilePlace {
  readonly words: Readonly<Record<GemmArgument, Local>>
  /** Where the tile's rows and columns begin, and where its results go. */
  readonly a: Local
  readonly b: Local
  readonly to: Local
  readonly edge: Local
  /** Of the tile; `rest`: columns from the tile's first to the last of the matrix. */
  readonly rows: Local
  readonly rest: Local
  /** Steps of this part of the reduced axis, and whether their sums are added to what C holds. */
  readonly steps: Local
  readonly add: Local
  /** Bytes from a row and from a step to the next, in the left operand. */
  readonly rowStep: Local
  readonly step: Local
}

/** A block whose tiles multiply panels, or what lies like them. */
export function writePanelBlock(builder: ModuleBuilder, packers: Packers): FunctionHandle {
  const tilesBy = (order: 'rows' | 'steps') =>
    forHeights(tileHeight(builder.target), (height) => writeTile(builder, height, order))
  const byHeight = { rows: tilesBy('rows'), steps: tilesBy('steps') }
  const storeEdge = writeStoreEdge(builder)
  return writeBlock(builder, packers, ({ words, a, b, to, edge, rows, rest, steps, add, rowStep, step }) => {
    const { leftInRows, rightStep, resultRow } = words
    const micro = (c: Local, stride: Operand, accumulate: Operand): Code =>
      when(
        leftInRows,
        byHeight.rows(rows, (tile) => call(tile, a, rowStep, b, rightStep, c, stride, steps, accumulate)),
        byHeight.steps(rows, (tile) => call(tile, a, step, b, rightStep, c, stride, steps, accumulate)),
      )
    return when(i32.ge_s(rest, TILE_WIDTH), micro(to, resultRow, add), [
      micro(edge, 4 * TILE_WIDTH, 0),
      call(storeEdge, edge, to, resultRow, rows, rest, add),
    ])
  })
}

/** A block whose tiles are inner products. */
export function writeInnerBlock(builder: ModuleBuilder): FunctionHandle {
  const innerTiles = writeInnerTiles(builder, writeStoreEdge(builder))
  return writeBlock(builder, undefined, ({ words, a, b, to, edge, rows, rest, steps, add, rowStep }) => {
    const { rightStep, resultRow } = words
    return call(innerTiles, a, rowStep, b, rightStep, to, resultRow, steps, add, rows, rest, edge)
  })
}

/**
 * `(arguments, left, right, C, first tile, end, first panel, end, scratch, accumulate)`: one block of C.
 * Without packers, `rightStep` is the distance of the right operand's columns instead of its steps.
 */
// oxlint-disable-next-line max-lines-per-function -- the loops around the tile, to be read at one sight
function writeBlock(
  builder: ModuleBuilder,
  packers: Packers | undefined,
  writeTileAt: (place: TilePlace) => Code,
): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    (locals, block, left, right, c, tile0, tile1, panel0, panel1, edge, add) => {
      const { code, words } = readArguments(locals, block, gemmArguments)
      const { depth, columns, height, tall, resultRow, rightStep, leftScratch, rightScratch } = words
      const [start, steps, panel, tile, row, row0, rows] = locals.many('i32', 7)
      const [a, b, to, rest, rowStep, step, from, at] = locals.many('i32', 8)
      const tileAt = [
        local.set(row, rowOffset(tile, height, tall)),
        local.set(rows, heightOf(tile, height, tall)),
        local.set(step, select(words.depthStep, i32.shl(rows, 2), words.depthStep)),
        local.set(a, i32.add(from, i32.add(i32.mul(i32.sub(row, row0), rowStep), i32.mul(step, at)))),
        local.set(to, i32.add(c, i32.add(i32.mul(row, resultRow), i32.mul(panel, 4 * TILE_WIDTH)))),
        writeTileAt({ words, a, b, to, edge, rows, rest, steps, add, rowStep, step }),
      ]
      const packLeft =
        packers &&
        when(leftScratch, [
          local.set(from, i32.add(edge, leftScratch)),
          local.set(rowStep, i32.shl(steps, 2)),
          local.set(a, i32.add(left, i32.mul(start, words.leftDepth))),
          call(packers.leftBlock, block, a, from, steps, tile0, tile1),
          local.set(at, 0),
        ])
      const packRight =
        packers &&
        when(rightScratch, [
          local.set(b, i32.add(edge, rightScratch)),
          call(packers.right, block, i32.add(right, i32.mul(start, words.rightDepth)), b, steps, panel),
        ])
      // At least once: an empty reduction writes zeros.
      return [
        code,
        local.set(row0, rowOffset(tile0, height, tall)),
        loop((again) => [
          local.set(steps, i32.sub(depth, start)),
          local.set(steps, least(steps, words.depthBlock)),
          local.set(from, i32.add(left, i32.mul(row0, words.rowStep))),
          local.set(rowStep, words.rowStep),
          local.set(at, start),
          packLeft ?? [],
          forRange(panel, panel0, panel1, 1, [
            local.set(b, i32.add(right, i32.mul(panel, words.panelStep))),
            increase(b, i32.mul(start, packers ? rightStep : 4)),
            packRight ?? [],
            local.set(rest, i32.sub(columns, i32.mul(panel, TILE_WIDTH))),
            forRange(tile, tile0, tile1, 1, tileAt),
          ]),
          increase(start, steps),
          local.set(add, 1),
          br_if(again, i32.lt_u(start, depth)),
        ]),
      ]
    },
  )
}

/**
 * `(left, left stride, right, right stride, c, row stride of c, depth, accumulate, rows, columns, edge)`: a
 * tile of up to 8 columns as inner products.
 */
function writeInnerTiles(builder: ModuleBuilder, storeEdge: FunctionHandle): FunctionHandle {
  const byHeight = forHeights(tileHeight(builder.target), (height) => writeInnerTile(builder, height))
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    (locals, left, leftStep, right, rightStep, c, stride, depth, accumulate, rows, columns, edge) => {
      const pairs = locals.i32()
      return [
        local.set(columns, least(columns, TILE_WIDTH)),
        local.set(pairs, i32.shr_u(columns, 1)),
        byHeight(rows, (tile) => [
          call(tile, left, leftStep, right, rightStep, c, stride, depth, accumulate, pairs),
          when(i32.and(columns, 1), [
            // An odd column is its own neighbour.
            increase(right, i32.mul(i32.shl(pairs, 1), rightStep)),
            call(tile, left, leftStep, right, 0, edge, 4 * TILE_WIDTH, depth, 0, 1),
            increase(c, i32.shl(pairs, 3)),
            call(storeEdge, edge, c, stride, rows, 1, accumulate),
          ]),
        ]),
      ]
    },
  )
}

/** `(edge, c, row stride of c, rows, columns, accumulate)`: the part of a tile that lies inside of C. */
function writeStoreEdge(builder: ModuleBuilder): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, edge, c, stride, rows, columns, accumulate) => {
    const [row, column, from, to] = [locals.i32(), locals.i32(), locals.i32(), locals.i32()]
    return forRange(row, 0, rows, 1, [
      local.set(from, edge),
      local.set(to, c),
      forRange(column, 0, columns, 1, [
        when(accumulate, f32.store(to, f32.add(f32.load(to), f32.load(from))), f32.store(to, f32.load(from))),
        increase(from, 4),
        increase(to, 4),
      ]),
      increase(edge, 4 * TILE_WIDTH),
      increase(c, stride),
    ])
  })
}
