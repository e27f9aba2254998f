import type { Module } from '@badak/layers'
import {
  copy,
  defaultGenerator,
  evaluate,
  type Generator,
  type GeneratorState,
  isFinite,
  isTensor,
  noGrad,
  NumericError,
  type State,
  type Tensor,
  where,
} from '@badak/tensor'
import type { Forward } from './batch.ts'

/** One application of a module. */
interface Application {
  readonly name: string
  readonly module: Module
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}

/** Keeps a step with a loss that is not finite from doing harm, and finds the layer where that arose. */
export class NumericGuard<B> {
  readonly #model: Module
  readonly #forward: Forward<B>
  readonly #loss: (output: Tensor, target: Tensor) => Tensor
  readonly #generators: readonly Generator[]
  readonly #states: readonly State[]
  #batch: B | undefined
  #streams: readonly GeneratorState[] = []
  #before: readonly { readonly value: Tensor; readonly version: number }[] = []

  constructor(
    model: Module,
    forward: Forward<B>,
    loss: (output: Tensor, target: Tensor) => Tensor,
    generators: readonly Generator[],
  ) {
    this.#model = model
    this.#forward = forward
    this.#loss = loss
    this.#generators = [defaultGenerator, ...generators]
    this.#states = model.states().map(([, state]) => state)
  }

  /** Remembers what is needed to go through the batch once more. */
  beforeForward(batch: B): void {
    this.#batch = batch
    this.#streams = this.#generators.map(({ state }) => state)
    this.#before = this.#states.map(({ value, version }) => ({ value, version }))
  }

  /** Running statistics that this batch has moved stay as they were if its loss is not finite. */
  keepStates(loss: Tensor): void {
    const fine = isFinite(loss)
    for (const [i, state] of this.#states.entries()) {
      const { value, version } = this.#before[i]!
      if (state.version !== version) state.assign(where(fine, state, value).cast(state.dtype))
    }
  }

  /** Goes through the batch again, module by module: nothing has changed since its loss was computed. */
  async explain(loss: number, step: number): Promise<NumericError> {
    const failed = `fit: step ${step}: the loss is ${loss}`
    for (const [name, parameter] of this.#model.namedParameters()) {
      const bad = await describeNonFinite(parameter)
      if (bad) {
        return new NumericError(
          `${failed}: ${name} ${bad} since an earlier update: try a lower learning rate, or clip gradients`,
        )
      }
    }
    const { applications, inputs, lost } = await this.#retrace()
    for (const [name, input] of inputs) {
      const bad = await describeNonFinite(input)
      if (bad) return new NumericError(`${failed}: ${name} of the batch ${bad}`)
    }
    for (const { name, module, outputs } of applications) {
      for (const output of outputs) {
        const bad = await describeNonFinite(output)
        if (bad)
          return new NumericError(`${failed}: it arose in ${called(name, module)}, whose output ${bad}`)
      }
    }
    const place = Number.isFinite(lost)
      ? 'and finite when computed again'
      : 'it arose in the loss, from finite outputs'
    return new NumericError(`${failed}: ${place}`)
  }

  /** Every application of a module, inner ones first, in the order in which they end. */
  async #retrace(): Promise<{
    readonly applications: readonly Application[]
    readonly inputs: readonly (readonly [name: string, input: Tensor])[]
    readonly lost: number
  }> {
    const before = this.#states.map(({ value, version }) => ({ value, version }))
    this.#generators.forEach((generator, i) => (generator.state = this.#streams[i]!))
    const applications: Application[] = []
    const undo = this.#model.namedModules().map(([name, module]) =>
      module.onForward((_module, inputs, output) => {
        const outputs = [output].flat(9).filter(isTensor)
        applications.push({ name, module, inputs: inputs.filter(isTensor), outputs })
      }),
    )
    try {
      const { target, loss } = noGrad(() => {
        const prediction = this.#forward(this.#model, this.#batch!)
        return { target: prediction.target, loss: this.#loss(prediction.output, prediction.target) }
      })
      for (const [i, state] of this.#states.entries())
        if (state.version !== before[i]!.version) state.assign(copy(before[i]!.value))
      const outermost = applications.find(({ module }) => module === this.#model)
      const inputs = (outermost?.inputs ?? []).map((input) => ['the input', input] as const)
      // At once: each is built on the states that this evaluation replaces.
      await evaluate(
        loss,
        target,
        ...inputs.map(([, input]) => input),
        ...applications.flatMap(({ outputs }) => outputs),
      )
      return { applications, inputs: [...inputs, ['the target', target]], lost: await loss.item() }
    } finally {
      for (const restore of undo) restore()
    }
  }
}

/** `3 NaN and 1 infinite of 50 values`, or undefined when all are finite. */
async function describeNonFinite(x: Tensor): Promise<string | undefined> {
  if (!x.dtype.startsWith('float')) return undefined
  const [finite, nan] = await Promise.all([
    isFinite(x).cast('int32').sum().item(),
    x.isNaN().cast('int32').sum().item(),
  ])
  if (finite === x.size) return undefined
  const infinite = x.size - finite - nan
  const parts = [...(nan > 0 ? [`${nan} NaN`] : []), ...(infinite > 0 ? [`${infinite} infinite`] : [])]
  return `holds ${parts.join(' and ')} of ${x.size} values`
}

function called(name: string, module: Module): string {
  return name === '' ? `the model (${module.toString()})` : `layer "${name}" (${module.toString()})`
}
