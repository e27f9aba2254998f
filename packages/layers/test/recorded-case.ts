import { Parameter, type Tensor } from '@badak/tensor'
import type { Module } from '@badak/layers'
import { difference, toTensor, type Recorded } from './fixture.ts'

type Values = Recorded['data']

/** A call with several inputs and outputs that `tools/record-fixtures/sequences.py` recorded. */
export interface RecordedCase {
  readonly name: string
  readonly state: Readonly<Record<string, Recorded>>
  readonly inputs: Readonly<Record<string, Recorded>>
  readonly outputs: readonly (Recorded & { readonly upstream: Values })[]
  readonly inputGradients: Readonly<Record<string, Values>>
  readonly gradients: Readonly<Record<string, Values>>
}

/**
 * Loads the recorded weights, and says what differs from what was recorded: names, outputs, all gradients.
 * Below `floor`, as in `difference`, the error is absolute, 10⁻⁵ · `floor`.
 */
export async function differences(
  layer: Module,
  c: RecordedCase,
  call: (inputs: Readonly<Record<string, Tensor>>) => readonly Tensor[],
  floor?: number,
): Promise<string[]> {
  layer.loadStateDict(toTensors(c.state))
  const inputs = Object.entries(toTensors(c.inputs)).map(([name, x]) => [name, new Parameter(x)] as const)
  const outputs = call(Object.fromEntries(inputs))
  outputs
    .map((y, k) => y.mul(toTensor({ shape: y.shape, data: c.outputs[k]!.upstream })).sum())
    .reduce((sum, part) => sum.add(part))
    .backward()
  const found = [
    inOrder('state', Object.keys(layer.stateDict()), Object.keys(c.state)),
    inOrder(
      'parameters',
      layer.namedParameters().map(([name]) => name),
      Object.keys(c.gradients),
    ),
    `outputs: ${outputs.length === c.outputs.length ? 'none' : `${outputs.length} for ${c.outputs.length}`}`,
  ]
  const report = async (what: string, actual: Tensor, expected: Recorded): Promise<void> => {
    found.push(`${what}: ${await difference(actual, expected, 1e-5, floor)}`)
  }
  for (const [k, y] of outputs.entries()) await report(`output ${k}`, y, c.outputs[k]!)
  const recorded = { ...c.inputGradients, ...c.gradients }
  for (const [name, { grad, shape }] of [...inputs, ...layer.namedParameters()])
    await report(`gradient of ${name}`, grad!, { shape, data: recorded[name]! })
  return found.filter((line) => !line.endsWith(': none'))
}

function inOrder(what: string, names: readonly string[], expected: readonly string[]): string {
  return `${what}: ${names.join() === expected.join() ? 'none' : `${names} for ${expected}`}`
}

function toTensors(recorded: Readonly<Record<string, Recorded>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(recorded).map(([name, value]) => [name, toTensor(value)]))
}
