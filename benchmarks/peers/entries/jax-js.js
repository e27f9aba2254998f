import { defaultDevice, init, jit, nn, numpy as np, random, valueAndGrad } from '@jax-js/jax'

await init('wasm')
defaultDevice('wasm')
const loss = ([w1, b1, w2, b2], x, t) => {
  const hidden = nn.relu(np.matmul(x, w1).add(b1))
  return np.negative(np.sum(nn.logSoftmax(np.matmul(hidden, w2).add(b2)).mul(t)))
}
const step = jit((parameters, x, t) => {
  const [value, gradients] = valueAndGrad(loss)(
    parameters.map((each) => each.ref),
    x,
    t,
  )
  return [value, parameters.map((each, k) => each.sub(gradients[k].mul(0.1)))]
})
const normal = (shape) => random.normal(random.key(1), shape)
const parameters = [normal([4, 8]), np.zeros([8]), normal([8, 3]), np.zeros([3])]
const [value] = step(parameters, np.array([[1, 2, 3, 4]]), np.array([[0, 0, 1]]))
console.log((await value.data())[0])
globalThis.process?.exit()
