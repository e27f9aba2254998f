import { readFileSync } from 'node:fs'
import * as cnn from '@badak/cnn'
import * as layers from '@badak/layers'
import * as optimizers from '@badak/optimizers'
import * as badak from '@badak/tensor'
import { LSTM, type Module, softmaxCrossEntropy } from '@badak/layers'
import { SGD } from '@badak/optimizers'
import { type Parameter, tensor, type Tensor } from '@badak/tensor'
import { afterAll, expect, test } from 'vitest'
import { numbers, product } from '../side-by-side/work.ts'
import { folded, shapeOf } from '../workloads/resnet-inference.ts'
import { ResNet18 } from '../workloads/resnet-model.ts'
import { type ResNet, weightOf } from '../workloads/resnet.ts'

interface Recorded {
  readonly resnetTraining: { readonly network: ResNet; readonly losses: readonly number[] }
  readonly resnetInference: { readonly network: ResNet; readonly logits: readonly number[] }
  readonly lstm: {
    readonly sequence: readonly number[]
    readonly hidden: number
    readonly losses: readonly number[]
  }
}

/** What `tools/record-fixtures/benchmarks.py` recorded of PyTorch, with equal weights. */
const recorded = JSON.parse(
  readFileSync(new URL('fixtures/networks.json', import.meta.url), 'utf8'),
) as Recorded

afterAll(badak.shutdown)

function assign(model: Module, dataOf: (parameter: Parameter) => Float32Array | undefined): void {
  for (const parameter of model.parameters()) {
    const data = dataOf(parameter)
    if (data) parameter.assign(tensor(data, { shape: parameter.shape }))
  }
}

/** The losses of as many steps as were recorded, as multiples of what they were in PyTorch. */
async function lossRatios(
  expected: readonly number[],
  lossOf: () => Tensor,
  optimizer: SGD,
): Promise<number[]> {
  const ratios: number[] = []
  for (const value of expected) {
    const loss = lossOf()
    loss.backward()
    await optimizer.step()
    ratios.push((await loss.item()) / value)
  }
  return ratios
}

/** 1 to four decimals. */
const three = [1, 1, 1].map((one) => expect.closeTo(one, 4) as number)

test('training ResNet-18 goes the way it goes in PyTorch', async () => {
  const { network, losses } = recorded.resnetTraining
  const model = new ResNet18(network)
  assign(model, ({ rank, shape }) => (rank > 1 ? weightOf(...shape).data : undefined))
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9, weightDecay: 5e-4 })
  const x = tensor(numbers(product(shapeOf(network))), { shape: shapeOf(network) })
  const t = tensor(Int32Array.from({ length: network.batch }, (_, k) => k % 10))
  const ratios = await lossRatios(losses, () => softmaxCrossEntropy(model.forward(x), t), optimizer)
  expect(ratios).toEqual(three)
})

test('ResNet-18 with folded batch normalisation says what it says in PyTorch', async () => {
  const { network, logits } = recorded.resnetInference
  const predict = folded({ ...badak, ...layers, ...cnn, ...optimizers }, network)
  const result = predict(tensor(numbers(product(shapeOf(network))), { shape: shapeOf(network) }))
  const values = await result.data()
  const largest = Math.max(...logits.map(Math.abs))
  const differences = logits.map((logit, k) => Math.abs(logit - values[k]!) / largest)
  expect(Math.max(...differences)).toBeLessThan(1e-5)
})

test('training an LSTM goes the way it goes in PyTorch', async () => {
  const { sequence, hidden, losses } = recorded.lstm
  const model = new LSTM(sequence[2]!, hidden)
  assign(model, ({ size }) => numbers(size, 1 / Math.sqrt(hidden)))
  const optimizer = new SGD(model.parameters(), { lr: 10 })
  const x = tensor(numbers(product(sequence)), { shape: sequence })
  const ratios = await lossRatios(losses, () => model.forward(x)[0].square().mean(), optimizer)
  expect(ratios).toEqual(three)
})
