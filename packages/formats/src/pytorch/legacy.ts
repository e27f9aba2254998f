import { tensor } from '@badak/tensor'
import { storedBytes } from '../elements.ts'
import { type Place, refuse } from '../place.ts'
import { Construct, type Refuse, storageId, type StorageData, type StorageId } from './construct.ts'
import { type Item, type PyTorchValue, Storage } from './globals.ts'
import { type Constructors, isDict, unpickle } from './unpickle.ts'

/** The pickle of the magic number that files begin with. */
const start = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]
const PROTOCOL = 1001

/** Whether this is what `torch.save` wrote before PyTorch 1.6. */
export function isLegacy(bytes: Uint8Array): boolean {
  return start.every((byte, i) => bytes[i] === byte)
}

/**
 * Reads what `torch.save` wrote before PyTorch 1.6: pickles of the magic number, the protocol, the machine, the object
 * and the keys of its storages; then the storages in that order, each an int64 count of elements and the elements,
 * little-endian whatever the machine was. What follows them is not looked at, as in PyTorch.
 *
 * The object calls for tensors whose data come after it: it is read twice, first to learn what its storages are.
 *
 * @see `_legacy_load` in torch/serialization.py
 */
export function decodeLegacy(bytes: Uint8Array, place: Place, maxBytes: number): PyTorchValue {
  const found = new FindStorages()
  const protocol = unpickle(bytes, place, found, start.length)
  if (protocol.value !== PROTOCOL) refuse(place, start.length, `the version of the format is not ${PROTOCOL}`)
  const machine = unpickle(bytes, place, found, protocol.end)
  if (!isDict(machine.value)) refuse(place, protocol.end, 'what is said of the machine is no dict')
  const { end } = unpickle(bytes, place, found, machine.end)
  const keys = unpickle(bytes, place, new FindStorages(), end)
  const storages = locate(bytes, place, { keys, keysAt: end, known: found.storages })
  const data: StorageData = {
    littleEndian: true,
    maxBytes,
    bytesOf({ type, key, count }, wrong) {
      const elements = storages.get(key)
      if (elements === undefined) return wrong(`storage ${JSON.stringify(key)} is not in the file`)
      const held = elements.length / storedBytes[type]
      return held === count
        ? elements
        : wrong(`storage "${key}" has ${count} × ${type}, the file holds ${held}`)
    },
  }
  return unpickle(bytes, place, new Construct(data), machine.end).value
}

/** Notes which storages an object has; its tensors are empty. */
class FindStorages implements Constructors {
  readonly storages = new Map<string, StorageId>()
  private readonly construct = new Construct({
    littleEndian: true,
    maxBytes: 0,
    bytesOf: () => new Uint8Array(),
  })

  storage(item: Item, wrong: Refuse): Storage {
    const id = storageId(item, wrong)
    this.storages.set(id.key, id)
    return new Storage(id.type, id.key, new Uint8Array())
  }

  call(name: string, parameters: readonly Item[], wrong: Refuse): Item {
    if (parameters[0] instanceof Storage) return tensor([])
    return this.construct.call(name, parameters, wrong)
  }
}

interface Keys {
  readonly keys: { readonly value: PyTorchValue; readonly end: number }
  readonly keysAt: number
  readonly known: ReadonlyMap<string, StorageId>
}

/** The bytes of each storage, in the file's memory. */
function locate(bytes: Uint8Array, place: Place, { keys, keysAt, known }: Keys): Map<string, Uint8Array> {
  if (!Array.isArray(keys.value)) return refuse(place, keysAt, 'the keys of the storages are no list')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const storages = new Map<string, Uint8Array>()
  let at = keys.end
  for (const key of keys.value) {
    const id = typeof key === 'string' ? known.get(key) : undefined
    if (id === undefined) return refuse(place, keysAt, `no tensor has the storage ${quoted(key)}`)
    if (storages.has(id.key)) refuse(place, keysAt, `storage "${id.key}" twice`)
    if (bytes.length - at < 8) refuse(place, at, `the file ends before storage "${id.key}"`)
    const count = view.getBigInt64(at, true)
    const begin = at + 8
    const left = bytes.length - begin
    if (count < 0n || count * BigInt(storedBytes[id.type]) > BigInt(left))
      refuse(place, at, `storage "${id.key}" has ${count} × ${id.type}, ${left} bytes are left`)
    at = begin + Number(count) * storedBytes[id.type]
    storages.set(id.key, bytes.subarray(begin, at))
  }
  return storages
}

function quoted(key: PyTorchValue): string {
  return typeof key === 'string' ? JSON.stringify(key) : `of a key that is a ${typeof key}`
}
