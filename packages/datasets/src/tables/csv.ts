import { type FileSource, readBytes } from '@badak/formats'
import { FormatError, ValueError } from '@badak/tensor'
import { type ArrayDataset, arrayDataset, type ArrayField } from '../array-dataset.ts'

/** How `csvDataset` reads. */
export interface CsvOptions {
  /** Whether the first row has the names of the columns (default); otherwise they are `'0'`, `'1'`, … */
  readonly header?: boolean
  /** The column of classes, which becomes `t`. */
  readonly label?: string
  /** The classes, in their order; default: those of the column, sorted, numbers by their value. */
  readonly classes?: readonly string[]
  /** The column of numbers to be predicted, which becomes `t`. */
  readonly target?: string
  /** The columns of numbers that become `x`; default: all others. */
  readonly columns?: readonly string[]
  /** Between cells; default: found out among comma, semicolon, tab and bar. */
  readonly delimiter?: string
  /** Of the file; default 256 MiB. */
  readonly maxBytes?: number
}

/** Batches of `x`: float32 `[B, columns]`, and `t`: int32 `[B]`, the classes, or float32 `[B]`, the target. */
export interface CsvDataset extends ArrayDataset<Readonly<Record<string, ArrayField>>> {
  /** Of `x`, in their order. */
  readonly columns: readonly string[]
  /** None without `label`. */
  readonly classes: readonly string[]
}

/** A cell of a table, and where it is. */
type Row = readonly string[]

/**
 * A table of numbers in a CSV file, in memory: rows are samples, and columns features, but for one that is to be predicted.
 *
 * @param source a path (Node, Deno, Bun), an address, a Blob or bytes, in UTF-8
 * @param options
 * @throws FormatError naming the file, the row (from 1, the header included) and the column: cells that are no numbers, too
 *   many or too few, unknown classes
 * @throws ValueError when there is no such file, or a column is named that is not there
 *
 * @example
 * ```ts
 * const iris = await csvDataset('iris.csv', { label: 'species' })
 * console.log(iris.columns, iris.classes)
 * ```
 */
export async function csvDataset(source: FileSource, options: CsvOptions = {}): Promise<CsvDataset> {
  const { header = true, label, target, maxBytes = 2 ** 28 } = options
  const { bytes, name } = await readBytes(source, { operation: 'csvDataset' })
  const what = `csvDataset: ${name}`
  if (label !== undefined && target !== undefined)
    throw new ValueError(`${what}: a label or a target, not both: ${label} and ${target}`)
  if (bytes.length > maxBytes)
    throw new FormatError(`${what}: ${bytes.length} bytes are more than maxBytes, ${maxBytes}`)
  const rows = await parse(bytes, what, options.delimiter ?? '')
  const names = header ? rows[0]! : rows[0]!.map((_, i) => `${i}`)
  const body = header ? rows.slice(1) : rows
  if (body.length === 0) throw new FormatError(`${what}: there are no rows`)
  const first = header ? 2 : 1
  for (const [i, row] of body.entries()) {
    if (row.length !== names.length)
      throw new FormatError(`${what}: row ${first + i}: ${row.length} cells for ${names.length} columns`)
  }
  const twice = names.find((column, i) => names.indexOf(column) !== i)
  if (twice !== undefined)
    throw new FormatError(`${what}: row 1: two columns are called ${JSON.stringify(twice)}`)
  const table: Table = { what, names, body, first }
  const predicted = label ?? target
  const columns = options.columns ?? names.filter((column) => column !== predicted)
  const features = columns.map((column) => numbersOf(table, column))
  const x = new Float32Array(body.length * columns.length)
  for (const [c, values] of features.entries())
    for (const [i, value] of values.entries()) x[i * columns.length + c] = value
  const { t, classes } = predictionOf(table, options)
  const dataset = arrayDataset({
    x: { data: x, shape: [body.length, columns.length] },
    ...(t && { t: { data: t, shape: [body.length] } }),
  })
  return { ...dataset, columns, classes }
}

interface Table {
  readonly what: string
  readonly names: Row
  readonly body: readonly Row[]
  /** The number of the first row of the body in the file, from 1. */
  readonly first: number
}

async function parse(bytes: Uint8Array, what: string, delimiter: string): Promise<readonly Row[]> {
  const { default: papa } = await import('papaparse')
  let text: string
  try {
    // A mark of the byte order at the beginning is left out.
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new FormatError(`${what}: not text in UTF-8`, { cause })
  }
  const { data, errors } = papa.parse<string[]>(text, { delimiter, skipEmptyLines: true })
  // A single column leaves nothing to find a delimiter by.
  const error = errors.find(({ type }) => type !== 'Delimiter')
  if (error) throw new FormatError(`${what}: row ${(error.row ?? 0) + 1}: ${error.message}`)
  if (data.length === 0) throw new FormatError(`${what}: the file is empty`)
  return data
}

function cellsOf({ what, names, body }: Table, column: string): readonly string[] {
  const at = names.indexOf(column)
  if (at < 0)
    throw new ValueError(`${what}: there is no column ${JSON.stringify(column)}, but ${names.join(', ')}`)
  return body.map((row) => row[at]!.trim())
}

function numbersOf(table: Table, column: string): number[] {
  return cellsOf(table, column).map((cell, i) => {
    const value = cell === '' ? NaN : Number(cell)
    if (!Number.isFinite(value))
      throw new FormatError(
        `${table.what}: row ${table.first + i}: column ${JSON.stringify(column)}: no number: ${JSON.stringify(cell)}`,
      )
    return value
  })
}

function predictionOf(
  table: Table,
  { label, target, classes: wanted }: CsvOptions,
): { readonly t?: Int32Array | Float32Array; readonly classes: readonly string[] } {
  if (target !== undefined) return { t: Float32Array.from(numbersOf(table, target)), classes: [] }
  if (label === undefined) return { classes: [] }
  const cells = cellsOf(table, label)
  const classes = wanted ?? sorted([...new Set(cells)])
  const labels = new Map(classes.map((name, i) => [name, i]))
  const t = Int32Array.from(cells, (cell, i) => {
    const found = labels.get(cell)
    if (found === undefined)
      throw new FormatError(
        `${table.what}: row ${table.first + i}: column ${JSON.stringify(label)}: unknown class: ${JSON.stringify(cell)}`,
      )
    return found
  })
  return { t, classes }
}

function sorted(names: readonly string[]): readonly string[] {
  const numeric = names.every((name) => name !== '' && Number.isFinite(Number(name)))
  return numeric ? names.toSorted((a, b) => Number(a) - Number(b)) : names.toSorted()
}
