import { join } from 'node:path'
import { FormatError, NumericError } from '@badak/tensor'
import { percent } from './numbers.ts'

/** `accuracy 98.97 %`; the test is on the validation data of `fit`. */
export function describeFigure(name: string, value: number): string | undefined {
  switch (name) {
    case 'loss':
      return `loss ${value.toFixed(4)}`
    case 'accuracy':
      return `accuracy ${percent(value)}`
    case 'val_accuracy':
      return `test accuracy ${percent(value)}`
    default:
      return undefined
  }
}

/** What `fit` says, in the words of this program. */
export function inWordsOfOptions(error: unknown, directory: string): unknown {
  if (error instanceof NumericError) {
    const [, what] = /^fit: (.*?)(?:: try a lower.*)?$/.exec(error.message)!
    return new NumericError(`${what}: try a lower --lr`, { cause: error })
  }
  const broken = error instanceof FormatError && /^fit: (step-\d+): (.*)$/.exec(error.message)
  if (!broken) return error
  const path = join(directory, `${broken[1]}.safetensors`)
  return new FormatError(`--resume: ${path}: ${broken[2]}`, { cause: error })
}
