import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { UsageError } from './arguments.ts'

/** Better told now than after the first epoch. */
export function checkWritable(directory: string): void {
  let existing = directory
  while (!existsSync(existing)) existing = dirname(existing)
  try {
    accessSync(existing, constants.W_OK)
    if (!statSync(existing).isDirectory()) throw new Error('not a directory')
  } catch (error) {
    throw new UsageError(`cannot write to ${existing}: ${(error as Error).message}`)
  }
}

/** `20260131-235959-simple`: sorts by time. */
export function runName(model: string): string {
  const [date, time] = new Date().toISOString().split(/[T.]/)
  return `${date!.replaceAll('-', '')}-${time!.replaceAll(':', '')}-${model}`
}
