// safetensors
export { decodeSafetensors, encodeSafetensors, type SafetensorsContents } from './safetensors/safetensors.ts'
export { loadSafetensors, saveSafetensors } from './safetensors/file.ts'
export type { DecodeOptions } from './place.ts'

// NumPy: npy and npz
export { decodeNpy, encodeNpy, loadNpy, saveNpy } from './npy/npy.ts'
export {
  decodeNpz,
  encodeNpz,
  loadNpz,
  saveNpz,
  type DecodeNpzOptions,
  type LoadNpzOptions,
  type NpzOptions,
} from './npy/npz.ts'

// PyTorch checkpoints
export {
  decodePyTorch,
  loadPyTorch,
  type DecodePyTorchOptions,
  type LoadPyTorchOptions,
  type PyTorchLimits,
} from './pytorch/pytorch.ts'
export { pickStateDict, type PyTorchContents, type StateDictOptions } from './pytorch/state-dict.ts'
export type { PyTorchValue } from './pytorch/globals.ts'
