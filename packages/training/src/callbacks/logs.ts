import { AppendFile, type LogOptions } from './append-file.ts'
import type { Callback } from './callback.ts'

/** What a log gets lines for. */
export interface TableLogOptions extends LogOptions {
  /** Default `epoch`. */
  every?: 'epoch' | 'step'
}

/**
 * A table with a line for each epoch (or step) and a column for each figure, for spreadsheets. In Node, Deno
 * and Bun.
 */
export function csvLog(path: string, options: TableLogOptions = {}): Callback {
  let columns: readonly string[] | undefined
  const write = (file: AppendFile, record: Readonly<Record<string, number>>): void => {
    if (!columns) {
      columns = Object.keys(record)
      file.write(`${columns.map(quote).join(',')}\n`)
    }
    file.write(`${columns.map((column) => record[column] ?? '').join(',')}\n`)
  }
  return tableLog('csvLog', path, options, write, {
    state: () => ({ columns: columns ?? null }),
    restore: (values) => (columns = (values['columns'] as readonly string[] | null) ?? undefined),
  })
}

/** A line of JSON for each epoch (or step). In Node, Deno and Bun. */
export function jsonlLog(path: string, options: TableLogOptions = {}): Callback {
  // JSON has no NaN: such a figure is null.
  const write = (file: AppendFile, record: object): void => file.write(`${JSON.stringify(record)}\n`)
  return tableLog('jsonlLog', path, options, write)
}

interface Memory {
  state(): Record<string, unknown>
  restore(values: Readonly<Record<string, unknown>>): void
}

function tableLog(
  operation: string,
  path: string,
  { every = 'epoch', ...options }: TableLogOptions,
  write: (file: AppendFile, record: Readonly<Record<string, number>>) => void,
  memory?: Memory,
): Callback {
  const file = new AppendFile(path, operation)
  return {
    name: `${operation} ${path}`,
    onStart: () => {
      if (!file.isOpen) file.create(options)
    },
    onStep: (_, record) => {
      if (every === 'step') write(file, { ...record })
    },
    onEpochEnd: (_, record) => {
      if (every === 'epoch') write(file, record)
    },
    onEnd: () => file.close(),
    state: () => ({ values: { length: file.length, ...memory?.state() } }),
    restore: ({ values }) => {
      file.reopen(values['length'] as number)
      memory?.restore(values)
    },
  }
}

function quote(name: string): string {
  return /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name
}
