import { isTensor, noGrad, zeros } from '@badak/tensor'
import type { Parameter, Tensor } from '@badak/tensor'
import { isParameter } from './cells.ts'
import type { Module } from './module.ts'

/** The text of `Module.summary`. */
export function summarise(root: Module, inputs: readonly (Tensor | readonly number[])[]): string {
  const shapes = inputs.length > 0 ? outputShapes(root, inputs) : new Map<Module, string>()
  const counted = new Set<Parameter>()
  const rows = root.namedModules().map(([path, module]) => {
    const own = [...module.members()].map(([, member]) => member).filter(isParameter)
    const fresh = own.filter((parameter) => !counted.has(parameter) && counted.add(parameter))
    return [
      path === '' ? module.toString() : `${indent(path)}${path} ${module.toString()}`,
      shapes.get(module) ?? '',
      fresh.length > 0 ? count(fresh) : '',
    ]
  })
  const all = root.parameters()
  const trainable = all.filter((parameter) => parameter.requiresGrad)
  const title = ['layer', shapes.size > 0 ? 'output shape' : '', 'parameters']
  return layOut([title, ...rows, ['total', '', count(all)], ['trainable', '', count(trainable)]])
}

function indent(path: string): string {
  return '  '.repeat(path.split('.').length - 1)
}

function count(parameters: readonly Parameter[]): string {
  return parameters.reduce((sum, parameter) => sum + parameter.size, 0).toLocaleString('en-US')
}

/** Columns as wide as their widest cell; the last one, of numbers, to the right. */
function layOut(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map(([layer, shape, parameters]) =>
      [
        layer!.padEnd(widths[0]!),
        ...(widths[1]! > 0 ? [shape!.padEnd(widths[1]!)] : []),
        parameters!.padStart(widths[2]!),
      ]
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/**
 * Runs `forward` in evaluation mode and notes what each module returns. Nothing is computed: the graph is
 * dropped.
 */
function outputShapes(root: Module, inputs: readonly (Tensor | readonly number[])[]): Map<Module, string> {
  const shapes = new Map<Module, string>()
  const restore = root
    .modules()
    .map((module) => observe(module, (output) => shapes.set(module, describe(output))))
  try {
    const forward = root.forward as (...inputs: Tensor[]) => unknown
    const given = inputs.map((input) => (isTensor(input) ? input : zeros(input)))
    noGrad(() => forward.apply(root, given))
  } finally {
    for (const undo of restore) undo()
  }
  return shapes
}

/** Puts a `forward` before the module's own that reports its result; gives what takes it away again. */
function observe(module: Module, report: (output: unknown) => void): () => void {
  const { training } = module
  const own = Object.getOwnPropertyDescriptor(module, 'forward')
  const forward = module.forward as (...inputs: unknown[]) => unknown
  const reporting = (...inputs: unknown[]): unknown => {
    const output = forward.apply(module, inputs)
    report(output)
    return output
  }
  Object.defineProperty(module, 'forward', { value: reporting, configurable: true })
  module.training = false
  return () => {
    module.training = training
    if (own) Object.defineProperty(module, 'forward', own)
    else Reflect.deleteProperty(module, 'forward')
  }
}

function describe(output: unknown): string {
  if (isTensor(output)) return `[${output.shape.join(',')}]`
  return Array.isArray(output) ? output.map(describe).join(' ') : ''
}
