import type { Body } from '../../../schedule/kernels.ts'

/** Operations to a chunk: some 20 µs, against which the few that handing it out takes are nothing. */
const CHUNK = 65_536

/** What computing one element of a body costs, in simple operations. */
export function costOf(body: Body): number {
  return body.instructions.reduce((sum, { op }) => sum + (costs[op] ?? 1), 0)
}

const costs: Readonly<Record<string, number>> = {
  exp: 8,
  expNonPositive: 6,
  expm1: 8,
  log: 10,
  log1p: 12,
  sin: 20,
  cos: 20,
  atan: 10,
  tanh: 12,
  sigmoid: 10,
  erf: 14,
  pow: 30,
  mod: 40,
  floorDiv: 8,
  div: 2,
  sqrt: 2,
}

/** Units to a chunk when each costs `cost` simple operations. */
export function grainFor(cost: number): number {
  return Math.max(1, Math.floor(CHUNK / Math.max(1, cost)))
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1)
}
