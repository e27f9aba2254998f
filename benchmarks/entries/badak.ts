import { Linear, ReLU, Sequential, softmaxCrossEntropy } from '@badak/layers'
import { SGD } from '@badak/optimizers'
import { tensor } from '@badak/tensor'

const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 3))
const optimizer = new SGD(model.parameters(), { lr: 0.1 })
const loss = softmaxCrossEntropy(model.forward(tensor([[1, 2, 3, 4]])), tensor(Int32Array.of(2)))
loss.backward()
await optimizer.step()
console.log(await loss.item())
globalThis.process?.exit()
