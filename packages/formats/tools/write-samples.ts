/**
 * Writes the arrays of test/fixtures/stored.npz as npy, npz and safetensors, for NumPy and PyTorch to read:
 *
 *     node --conditions=@badak/source packages/formats/tools/write-samples.ts DIRECTORY
 *     python tools/record-fixtures/formats.py --read DIRECTORY
 */
import { join } from 'node:path'
import { loadNpz, saveNpy, saveNpz, saveSafetensors } from '../src/index.ts'

const directory = process.argv[2] ?? '.'
const arrays = await loadNpz(join(import.meta.dirname, '../test/fixtures/stored.npz'))
await saveNpy(join(directory, 'matrix.npy'), arrays['matrix']!)
await saveNpz(join(directory, 'stored.npz'), arrays)
await saveNpz(join(directory, 'deflated.npz'), arrays, { compress: true })
await saveSafetensors(join(directory, 'model.safetensors'), arrays)
