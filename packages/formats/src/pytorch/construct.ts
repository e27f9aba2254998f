import { isTensor, type Tensor } from '@badak/tensor'
import { countOf, pack, storedBytes, tensorOf } from '../elements.ts'
import { type Place, refuse, within } from '../place.ts'
import type { ZipEntry } from '../zip/directory.ts'
import type { Zip } from '../zip/zip.ts'
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

type Refuse = (what: string) => never

/** The archive that a checkpoint is. */
export interface Archive {
  readonly zip: Zip
  /** The folder that everything lies in, with its slash. */
  readonly folder: string
  readonly littleEndian: boolean
  /** Of all tensors together. */
  readonly maxBytes: number
}

/** Makes what a checkpoint calls for: tensors from the storages of the archive, and containers. */
export class Construct implements Constructors {
  private readonly archive: Archive
  private readonly storages = new Map<ZipEntry, Storage>()
  private tensorBytes = 0

  constructor(archive: Archive) {
    this.archive = archive
  }

  /** `('storage', torch.FloatStorage, '0', 'cpu', 1024)`: class, name of the entry, device, elements. */
  storage(id: Item, refuse: Refuse): Storage {
    if (!Array.isArray(id) || id.length !== 5 || id[0] !== 'storage')
      return refuse('the name of a storage is not ("storage", class, key, device, count)')
    const [, type, key, , count] = id as readonly Item[]
    const stored = type instanceof Global ? storageTypes.get(type.name) : undefined
    if (stored === undefined) return refuse('the class of a storage is not one of torch')
    if (typeof key !== 'string' || !isCount(count)) return refuse('a storage without key or count')
    const { zip, folder } = this.archive
    const entry = zip.entries.get(`${folder}data/${key}`)
    if (entry === undefined) return refuse(`storage ${JSON.stringify(key)} is not in the archive`)
    if (entry.size !== count * storedBytes[stored])
      return refuse(`storage "${key}" has ${count} × ${stored}, its entry holds ${entry.size} bytes`)
    const known = this.storages.get(entry)
    if (known !== undefined && known.type !== stored)
      return refuse(`storage "${key}" is ${known.type} and ${stored}`)
    const storage = known ?? new Storage(stored, key, zip.read(entry))
    this.storages.set(entry, storage)
    return storage
  }

  call(name: string, parameters: readonly Item[], refuse: Refuse): Item {
    if (!isCallable(name)) return refuse(`${name} is called`)
    return this.calls[name](parameters, (what) => refuse(`${name}: ${what}`))
  }

  private readonly calls: Readonly<Record<Callable, (parameters: readonly Item[], refuse: Refuse) => Item>> =
    {
      'torch._utils._rebuild_tensor_v2': (parameters, refuse) => this.tensor(parameters, refuse),
      'torch._utils._rebuild_parameter': ([data], refuse) =>
        isTensor(data) ? data : refuse('its data is not a tensor'),
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
    if (this.tensorBytes > this.archive.maxBytes)
      wrong(`the tensors take ${this.tensorBytes} bytes and more, maxBytes is ${this.archive.maxBytes}`)
    const packed = pack(bytes, { type, shape, strides, offset })
    const { littleEndian } = this.archive
    const refuse: Refuse = (what) => wrong(`storage "${storage.key}": ${what}`)
    return tensorOf(packed, { type, shape, littleEndian, refuse })
  }
}

/** The byte order of the storages, which PyTorch writes since 2.1; before it was little-endian. */
export function byteOrder(zip: Zip, folder: string, place: Place): boolean {
  const entry = zip.entries.get(`${folder}byteorder`)
  if (entry === undefined) return true
  if (entry.size > 16) return refuse(place, entry.offset, `byteorder has ${entry.size} bytes`)
  const order = new TextDecoder().decode(zip.read(entry)).trim()
  if (order !== 'little' && order !== 'big')
    refuse(within(place, entry.name), entry.offset, `${JSON.stringify(order)} is neither little nor big`)
  return order === 'little'
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
