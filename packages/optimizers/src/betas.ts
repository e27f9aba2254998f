import { ValueError } from '@badak/tensor'
import { checkNumber } from './optimizer.ts'

/** How much is kept at each step of the running means of the gradient and of its square. */
export type Betas = readonly [number, number]

/** @throws ValueError when one is not in [0, 1) */
export function checkBetas(name: string, betas: Betas): void {
  if (!Array.isArray(betas) || betas.length !== 2) {
    throw new ValueError(`${name}: betas are not two numbers: ${String(betas)}`)
  }
  for (const i of [0, 1] as const) checkNumber(name, `betas[${i}]`, betas[i], 0, 1)
}
