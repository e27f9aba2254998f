import { isTensor, type Tensor } from '@badak/tensor'
import { countOf, pack, storedBytes, type StoredType, tensorOf } from '../elements.ts'
import {
  type Callable,
  Global,
  isCallable,
  type Item,
  type PyTorchValue,
  Storage,
  storageTypes,
} from './globals.ts'
import { type Constructors, newDict } from './unpickle.ts'

/** Throws a FormatError that names the place. */
export type Refuse = (what: string) => never

/** What the name of a storage says of it. */
export interface StorageId {
  readonly type: StoredType
  readonly key: string
  /** Elements. */
  readonly count: number
}

/** Where a checkpoint has the data of its storages. */
export interface StorageData {
  readonly littleEndian: boolean
  /** Of all tensors together. */
  readonly maxBytes: number
  /** `count` elements. */
  bytesOf(id: StorageId, refuse: Refuse): Uint8Array
}

/** Makes what a checkpoint calls for: tensors from the storages of the file, and containers. */
export class Construct implements Constructors {
  private readonly data: StorageData
  private readonly storages = new Map<string, Storage>()
  private tensorBytes = 0

  constructor(data: StorageData) {
    this.data = data
  }

  storage(id: Item, refuse: Refuse): Storage {
    const { type, key, count } = storageId(id, refuse)
    const known = this.storages.get(key)
    if (known !== undefined && known.type !== type)
      return refuse(`storage "${key}" is ${known.type} and ${type}`)
    const bytes = this.data.bytesOf({ type, key, count }, refuse)
    const storage = known ?? new Storage(type, key, bytes)
    this.storages.set(key, storage)
    return storage
  }

  call(name: string, parameters: readonly Item[], refuse: Refuse): Item {
    if (!isCallable(name)) return refuse(`${name} is called`)
    return this.calls[name](parameters, (what) => refuse(`${name}: ${what}`))
  }

  private readonly calls: Readonly<Record<Callable, (parameters: readonly Item[], refuse: Refuse) => Item>> =
    {
      'torch._utils._rebuild_tensor_v2': (parameters, refuse) => this.tensor(parameters, refuse),
      'torch._utils._rebuild_tensor': (parameters, refuse) => this.tensor(parameters, refuse),
      'torch._utils._rebuild_parameter': parameterOf,
      'torch.nn.parameter.Parameter': parameterOf,
      'collections.OrderedDict': (parameters, refuse) =>
        parameters.length === 0 ? newDict() : refuse('items in its constructor are not read'),
      'builtins.set': setOf,
      '__builtin__.set': setOf,
      'builtins.bytearray': bytesOf,
      '__builtin__.bytearray': bytesOf,
      'builtins.bytes': bytesOf,
      '__builtin__.bytes': bytesOf,
      '_codecs.encode': encodeLatin1,
    }

  /** `(storage, offset, size, stride, requires_grad, hooks)`, counted in elements. */
  private tensor(parameters: readonly Item[], wrong: Refuse): Tensor {
    const [storage, offset, shape, strides] = parameters
    if (!(storage instanceof Storage)) return wrong('without a storage')
    if (!isCount(offset) || !isCounts(shape) || !isCounts(strides))
      return wrong('offset, size or stride are not counts')
    if (shape.length !== strides.length) wrong(`size [${shape}] and stride [${strides}] differ in length`)
    const { type, bytes } = storage
    const elements = bytes.length / storedBytes[type]
    const count = countOf(shape)
    const last = shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis]!, offset)
    if (count > 0 && last >= elements)
      wrong(`size [${shape}], stride [${strides}], offset ${offset} reach element ${last} of ${elements}`)
    this.tensorBytes += count * storedBytes[type]
    if (this.tensorBytes > this.data.maxBytes)
      wrong(`the tensors take ${this.tensorBytes} bytes and more, maxBytes is ${this.data.maxBytes}`)
    const packed = pack(bytes, { type, shape, strides, offset })
    const { littleEndian } = this.data
    const refuse: Refuse = (what) => wrong(`storage "${storage.key}": ${what}`)
    return tensorOf(packed, { type, shape, littleEndian, refuse })
  }
}

/**
 * `('storage', torch.FloatStorage, '0', 'cpu', 1024)`: class, key, device, elements; and, before PyTorch 1.6, what
 * part of another storage it is.
 */
export function storageId(id: Item, refuse: Refuse): StorageId {
  if (!Array.isArray(id) || id.length < 5 || id.length > 6 || id[0] !== 'storage')
    return refuse('the name of a storage is not ("storage", class, key, device, count)')
  const [, stored, key, , count, view = null] = id as readonly Item[]
  const type = stored instanceof Global ? storageTypes.get(stored.name) : undefined
  if (type === undefined) return refuse('the class of a storage is not one of torch')
  if (typeof key !== 'string' || !isCount(count)) return refuse('a storage without key or count')
  if (view !== null) return refuse('a storage that is a part of another is not read')
  return { type, key, count }
}

function parameterOf([data]: readonly Item[], refuse: Refuse): Item {
  return isTensor(data) ? data : refuse('its data is not a tensor')
}

function setOf([items]: readonly Item[], refuse: Refuse): Item {
  if (items === undefined) return new Set<PyTorchValue>()
  return Array.isArray(items) ? new Set(items) : refuse('its items are not a list')
}

function bytesOf([bytes]: readonly Item[], refuse: Refuse): Item {
  if (bytes === undefined) return new Uint8Array()
  return bytes instanceof Uint8Array ? bytes : refuse('its argument is not bytes')
}

/** How protocol 2 writes bytes: as the string of equal character codes. */
function encodeLatin1([text, encoding]: readonly Item[], refuse: Refuse): Item {
  if (typeof text !== 'string' || encoding !== 'latin1') return refuse('only latin1 is read')
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0)!
    return code < 256 ? code : refuse(`${JSON.stringify(character)} is not in latin1`)
  })
}

function isCount(item: Item | undefined): item is number {
  return typeof item === 'number' && Number.isSafeInteger(item) && item >= 0
}

function isCounts(item: Item | undefined): item is number[] {
  return Array.isArray(item) && item.every(isCount)
}
