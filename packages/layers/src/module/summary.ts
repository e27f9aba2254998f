import { isTensor, noGrad, zeros } from '@badak/tensor'
import type { Parameter, Tensor } from '@badak/tensor'
import { isParameter } from './cells.ts'
import { addAfter } from './hooks.ts'
import type { Module } from './module.ts'

/** What a module did when the model was tried. */
interface Trial {
  /** The shape that came out, the last time. */
  shape: string
  /** In all calls together. */
  multiplyAdds: number
}

/** The text of `Module.summary`. */
export function summarise(root: Module, inputs: readonly (Tensor | readonly number[])[]): string {
  const trials = inputs.length > 0 ? tryOut(root, inputs) : new Map<Module, Trial>()
  const counted = new Set<Parameter>()
  const rows = root.namedModules().map(([path, module]) => {
    const own = [...module.members()].map(([, member]) => member).filter(isParameter)
    const fresh = own.filter((parameter) => !counted.has(parameter) && counted.add(parameter))
    const trial = trials.get(module)
    return [
      path === '' ? module.toString() : `${indent(path)}${path} ${module.toString()}`,
      trial?.shape ?? '',
      unlessZero(sizeOf(fresh)),
      unlessZero(trial?.multiplyAdds ?? 0),
    ]
  })
  const all = root.parameters()
  const trainable = all.filter((parameter) => parameter.requiresGrad)
  const total = [...trials.values()].reduce((sum, trial) => sum + trial.multiplyAdds, 0)
  const tried = trials.size > 0
  return layOut([
    ['layer', tried ? 'output shape' : '', 'parameters', tried ? 'multiply-adds' : ''],
    ...rows,
    ['total', '', grouped(sizeOf(all)), tried ? grouped(total) : ''],
    ['trainable', '', grouped(sizeOf(trainable)), ''],
  ])
}

function indent(path: string): string {
  return '  '.repeat(path.split('.').length - 1)
}

function sizeOf(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, parameter) => sum + parameter.size, 0)
}

function unlessZero(count: number): string {
  return count > 0 ? grouped(count) : ''
}

/** `1234567` as `1,234,567`. */
function grouped(count: number): string {
  return count.toLocaleString('en-US')
}

/** Columns as wide as their widest cell, texts to the left, numbers to the right; empty ones are left out. */
function layOut(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const cell = (text: string, column: number): string =>
    column < 2 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!)
  return rows
    .map((row) =>
      row
        .map(cell)
        .filter((_, column) => widths[column]! > 0)
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/**
 * Runs `forward` in evaluation mode and notes what each module does. Nothing is computed: the graph is
 * dropped.
 */
function tryOut(root: Module, inputs: readonly (Tensor | readonly number[])[]): Map<Module, Trial> {
  const trials = new Map<Module, Trial>()
  const restore = root.modules().map((module) => observe(module, trials))
  try {
    const given = inputs.map((input) => (isTensor(input) ? input : zeros(input)))
    noGrad(() => root.forward(...(given as never[])))
  } finally {
    for (const undo of restore) undo()
  }
  return trials
}

/** Notes what the module does, in evaluation mode; gives what brings back its own. */
function observe(module: Module, trials: Map<Module, Trial>): () => void {
  const { training } = module
  const remove = addAfter(module, (_, inputs, output) => {
    const before = trials.get(module)?.multiplyAdds ?? 0
    const count = module.multiplyAdds(output as never, ...(inputs as never[]))
    trials.set(module, { shape: describe(output), multiplyAdds: before + count })
  })
  module.training = false
  return () => {
    module.training = training
    remove()
  }
}

function describe(output: unknown): string {
  if (isTensor(output)) return `[${output.shape.join(',')}]`
  return Array.isArray(output) ? output.map(describe).join(' ') : ''
}
