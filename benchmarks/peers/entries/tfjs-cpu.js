// oxlint-disable import/no-unassigned-import -- they register backends and gradients
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import '@tensorflow/tfjs-backend-cpu'
import {
  add,
  losses,
  matMul,
  randomNormal,
  ready,
  relu,
  setBackend,
  tensor2d,
  train,
  variable,
  zeros,
} from '@tensorflow/tfjs-core'

await setBackend('cpu')
await ready()
const [w1, b1, w2, b2] = [randomNormal([4, 8]), zeros([8]), randomNormal([8, 3]), zeros([3])].map((x) =>
  variable(x),
)
const [x, t] = [tensor2d([[1, 2, 3, 4]]), tensor2d([[0, 0, 1]])]
const loss = train
  .sgd(0.1)
  .minimize(() => losses.softmaxCrossEntropy(t, add(matMul(relu(add(matMul(x, w1), b1)), w2), b2)), true)
console.log((await loss.data())[0])
globalThis.process?.exit()
