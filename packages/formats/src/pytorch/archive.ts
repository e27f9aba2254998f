import { storedBytes } from '../elements.ts'
import { type Place, refuse, within } from '../place.ts'
import { readZip, type Zip } from '../zip/zip.ts'
import { Construct, type StorageData } from './construct.ts'
import type { PyTorchValue } from './globals.ts'
import { unpickle } from './unpickle.ts'

/** Reads the zip archive of PyTorch 1.6 and later: `data.pkl`, and every storage in an entry of its own. */
export function decodeArchive(bytes: Uint8Array, place: Place, maxBytes: number): PyTorchValue {
  const zip = readZip(bytes, place, maxBytes)
  const names = [...zip.entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name))
  if (names.length !== 1) refuse(place, 0, `not a checkpoint: ${names.length} entries are called data.pkl`)
  const entry = zip.entries.get(names[0]!)!
  const folder = entry.name.slice(0, -'data.pkl'.length)
  if (zip.entries.has(`${folder}constants.pkl`))
    refuse(
      place,
      entry.offset,
      'a TorchScript archive, which holds code; save the state_dict() of the module',
    )
  const data = { littleEndian: byteOrder(zip, folder, place), maxBytes, bytesOf: bytesIn(zip, folder) }
  return unpickle(zip.read(entry), within(place, entry.name), new Construct(data)).value
}

function bytesIn(zip: Zip, folder: string): StorageData['bytesOf'] {
  const read = new Map<string, Uint8Array>()
  return ({ type, key, count }, wrong) => {
    const entry = zip.entries.get(`${folder}data/${key}`)
    if (entry === undefined) return wrong(`storage ${JSON.stringify(key)} is not in the archive`)
    if (entry.size !== count * storedBytes[type])
      return wrong(`storage "${key}" has ${count} × ${type}, its entry holds ${entry.size} bytes`)
    // Inflated once.
    const bytes = read.get(key) ?? zip.read(entry)
    read.set(key, bytes)
    return bytes
  }
}

/** The byte order of the storages, which PyTorch writes since 2.1; before it was little-endian. */
function byteOrder(zip: Zip, folder: string, place: Place): boolean {
  const entry = zip.entries.get(`${folder}byteorder`)
  if (entry === undefined) return true
  if (entry.size > 16) return refuse(place, entry.offset, `byteorder has ${entry.size} bytes`)
  const order = new TextDecoder().decode(zip.read(entry)).trim()
  if (order !== 'little' && order !== 'big')
    refuse(within(place, entry.name), entry.offset, `${JSON.stringify(order)} is neither little nor big`)
  return order === 'little'
}
