import type { Body, Instruction } from '../../schedule/kernels.ts'
import { convertTo, roundTo } from './convert.ts'
import type { Index, Memory } from './memory.ts'
import { binaryFunction, isUnary, unaryFunction } from './scalar-functions.ts'

/** The value of a body at one index; `accumulator` is what the kernel found there, for an epilogue. */
export type Evaluate = (index: Index, accumulator?: number) => number

/**
 * Prepares a straight-line program: one function per instruction, each reading the results of those before
 * it.
 */
export function prepareBody(body: Body, memory: Memory): Evaluate {
  const results = new Float64Array(body.instructions.length)
  const steps = body.instructions.map((instruction) => prepareStep(instruction, body, memory, results))
  return (index, accumulator = NaN) => {
    for (let k = 0; k < steps.length; k++) results[k] = steps[k](index, accumulator)
    return results[steps.length - 1]
  }
}

type Step = (index: Index, accumulator: number) => number

function prepareStep(instruction: Instruction, body: Body, memory: Memory, results: Float64Array): Step {
  const { op, dtype } = instruction
  const round = roundTo[dtype]
  switch (op) {
    case 'load':
      return memory.reader(body.loads[instruction.load])
    case 'value': {
      const value = convertTo[dtype](memory.value(instruction.value))
      return () => value
    }
    case 'index':
      return (index) => index[instruction.axis]
    case 'accumulator':
      return (_, accumulator) => round(accumulator)
    case 'cast': {
      const [x] = instruction.args
      const convert = convertTo[dtype]
      return () => convert(results[x])
    }
    case 'where': {
      const [condition, yes, no] = instruction.args
      return () => (results[condition] === 0 ? results[no] : results[yes])
    }
    default:
      return prepareScalar(instruction, body, results)
  }
}

function prepareScalar(
  instruction: Instruction & { args: readonly number[] },
  body: Body,
  results: Float64Array,
): Step {
  const { op, dtype, args } = instruction
  const [x, y] = args
  if (isUnary(op)) {
    const f = unaryFunction(op, dtype)
    return () => f(results[x])
  }
  const f = binaryFunction(op as never, body.instructions[x].dtype, dtype)
  return () => f(results[x], results[y])
}
