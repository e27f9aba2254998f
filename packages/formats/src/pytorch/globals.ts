import type { Tensor } from '@badak/tensor'
import type { StoredType } from '../elements.ts'

/** The storages of `torch` that are read, by the name of their class. */
export const storageTypes: ReadonlyMap<string, StoredType> = new Map([
  ['torch.DoubleStorage', 'float64'],
  ['torch.FloatStorage', 'float32'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.LongStorage', 'int64'],
  ['torch.IntStorage', 'int32'],
  ['torch.ShortStorage', 'int16'],
  ['torch.CharStorage', 'int8'],
  ['torch.ByteStorage', 'uint8'],
  ['torch.BoolStorage', 'bool'],
])

/** The functions and classes of Python that may be called. None is: each has its own meaning here. */
const callables = [
  'torch._utils._rebuild_tensor_v2',
  // Of PyTorch before 0.4.
  'torch._utils._rebuild_tensor',
  'torch.nn.parameter.Parameter',
  'torch._utils._rebuild_parameter',
  'collections.OrderedDict',
  'builtins.set',
  '__builtin__.set',
  'builtins.bytearray',
  '__builtin__.bytearray',
  '_codecs.encode',
  '__builtin__.bytes',
  'builtins.bytes',
] as const

/** The name of one of them. */
export type Callable = (typeof callables)[number]

/** What the name of a class or function stands for while a file is read; it never gets into the result. */
export class Global {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** Whether a global may occur in a checkpoint. */
export function isKnownGlobal(name: string): boolean {
  return storageTypes.has(name) || isCallable(name)
}

/** Whether a global may be called. */
export function isCallable(name: string): name is Callable {
  return (callables as readonly string[]).includes(name)
}

/** The data of one or more tensors; it never gets into the result. */
export class Storage {
  readonly type: StoredType
  readonly key: string
  readonly bytes: Uint8Array

  constructor(type: StoredType, key: string, bytes: Uint8Array) {
    this.type = type
    this.key = key
    this.bytes = bytes
  }
}

/**
 * What a checkpoint holds: dicts are objects without a prototype (whole numbers as keys become strings), lists
 * and tuples are arrays, bytes are a Uint8Array, whole numbers beyond 2^53 are bigints.
 */
export type PyTorchValue =
  | Tensor
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | PyTorchValue[]
  | Set<PyTorchValue>
  | { [key: string]: PyTorchValue }

/** What lies on the stack of the unpickler. */
export type Item = PyTorchValue | Global | Storage
