import { GraphError, isTracing, live, noGrad, ShapeError, State, ValueError } from '@badak/tensor'
import type { Cell, Tensor } from '@badak/tensor'

/** What an average of weights must remember to go on. */
export interface WeightAverageState {
  /** Averages, by the position of their cell. */
  readonly tensors: Readonly<Record<string, Tensor>>
  /** How often `update` was called. */
  readonly updates: number
}

/**
 * What averages of weights share: a copy of each weight that follows it, `updates` of them so far, and the
 * way in and out of a model. A subclass says how large the share of the present weights is in an update.
 */
export abstract class WeightAverage {
  readonly #name: string
  readonly #cells: readonly Cell[]
  readonly #averages: readonly State[]
  #updates = 0
  /** The weights of training, while a model works with the averages. */
  #trained: readonly State[] | undefined

  /** @throws ValueError when there are no cells */
  constructor(name: string, cells: readonly Cell[]) {
    if (cells.length === 0) throw new ValueError(`${name}: there are no parameters to average`)
    this.#name = name
    this.#cells = [...cells]
    this.#averages = copies(cells, 'average')
  }

  /** How often `update` was called, replays of compiled functions included. */
  get updates(): number {
    return this.#updates
  }

  /** The averages, in the order of the cells; later updates make these tensors unusable. */
  get values(): readonly Tensor[] {
    return this.#averages.map(({ value }) => value)
  }

  /**
   * Takes the present weights into the averages; call it after `optimizer.step()`. It is carried out by the
   * next evaluation, such as the next step, and may be part of a compiled function.
   *
   * @throws GraphError between `apply()` and `restore()`
   */
  update(): void {
    if (this.#trained) throw new GraphError(`${this.#name}.update: the averages are applied: restore() first`)
    const [kept, fresh] = this.#shares()
    noGrad(() => {
      this.#averages.forEach((average, i) => {
        const { value, dtype } = this.#cells[i]!
        if (!dtype.startsWith('float')) return average.assign(value)
        average.assign(average.mul(kept).add(value.mul(fresh)).cast(average.dtype))
      })
    })
  }

  /**
   * Puts the averages in the place of the weights, which are kept for `restore()`. Applied twice, it does
   * nothing.
   */
  apply(): void {
    if (this.#trained) return
    this.#trained = copies(this.#cells, 'trained')
    this.copyTo(this.#cells)
  }

  /** Puts the weights back as they were before `apply()`. @throws GraphError without it */
  restore(): void {
    const trained = this.#trained
    if (!trained) throw new GraphError(`${this.#name}.restore: the averages are not applied`)
    this.#cells.forEach((cell, i) => cell.assign(trained[i]!.value))
    this.#trained = undefined
  }

  /**
   * Writes the averages into other cells, such as the parameters of a second model.
   *
   * @throws ShapeError when number or shapes differ from those that are averaged
   */
  copyTo(cells: readonly Cell[]): void {
    const [own, given] = [this.#averages, cells].map((list) =>
      list.map(({ shape }) => `[${shape.join()}]`).join(' '),
    )
    if (own !== given)
      throw new ShapeError(`${this.#name}.copyTo: the averages have shapes ${own}: got ${given}`)
    cells.forEach((cell, i) => cell.assign(this.#averages[i]!.value.cast(cell.dtype)))
  }

  /** Averages and how often they were updated. Read or write the tensors before the next `update()`. */
  stateDict(): WeightAverageState {
    return {
      tensors: Object.fromEntries(this.values.map((value, i) => [String(i), value])),
      updates: this.#updates,
    }
  }

  /**
   * Goes on where `stateDict()` was taken.
   *
   * @throws ValueError when averages are missing or too many, or `updates` is no count; ShapeError when
   *   shapes differ
   */
  loadStateDict({ tensors, updates }: WeightAverageState): void {
    const operation = `${this.#name}.loadStateDict`
    const names = Object.keys(tensors).join()
    const expected = this.#averages.map((_, i) => i).join()
    if (names !== expected) throw new ValueError(`${operation}: averages ${names}; expected ${expected}`)
    if (!Number.isSafeInteger(updates) || updates < 0)
      throw new ValueError(`${operation}: updates is not an integer ≥ 0: ${String(updates)}`)
    this.#averages.forEach(({ shape }, i) => {
      const given = tensors[i]!.shape.join()
      if (given !== shape.join())
        throw new ShapeError(`${operation}: "${i}" has shape [${given}], expected [${shape.join()}]`)
    })
    this.#averages.forEach((average, i) => average.assign(tensors[i]!.cast(average.dtype)))
    this.#updates = updates
  }

  /** The share of the present weights, from 0 to 1, in an update that comes after `updates` others. */
  protected abstract freshShare(updates: number): number

  /**
   * The shares of the average and of the weights: numbers, or what each replay of a compiled function reads
   * anew.
   */
  #shares(): readonly [number | Tensor, number | Tensor] {
    const read = (): [number, number] => {
      const fresh = this.freshShare(this.#updates++)
      return [1 - fresh, fresh]
    }
    if (!isTracing()) return read()
    const exact = this.#cells.some(({ dtype }) => dtype === 'float64')
    const shares = live([2], exact ? 'float64' : 'float32', read)
    return [shares.slice([0]), shares.slice([1])]
  }
}

function copies(cells: readonly Cell[], what: string): readonly State[] {
  return cells.map(({ value, name }) => new State(value, { name: `${name} (${what})` }))
}
