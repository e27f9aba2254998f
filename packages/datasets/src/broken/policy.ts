import { ValueError } from '@badak/tensor'
import type { OnBroken, SkipReport } from './skip-report.ts'

/** How a reader treats what is broken. */
export interface BrokenOptions {
  /** An error (default), or left out and reported in `skipped`. */
  readonly onBroken?: OnBroken
}

/**
 * The result of `work`; undefined when it failed, and that is to be skipped: then the report has it.
 *
 * @throws whatever `work` throws, when broken things are errors
 */
export type Attempt = <Result>(name: string, work: () => Result) => Result | undefined

/** @throws ValueError when there is no such policy */
export function attemptWith(operation: string, onBroken: OnBroken | undefined, report: SkipReport): Attempt {
  const policy = checkPolicy(operation, onBroken)
  return (name, work) => {
    try {
      return work()
    } catch (error) {
      if (policy === 'throw') throw error
      report.add(name, messageOf(error))
      return undefined
    }
  }
}

/** @throws ValueError when there is no such policy */
export function checkPolicy(operation: string, onBroken: OnBroken = 'throw'): OnBroken {
  if (onBroken === 'throw' || onBroken === 'skip') return onBroken
  throw new ValueError(`${operation}: onBroken is 'throw' or 'skip': ${onBroken as string}`)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
