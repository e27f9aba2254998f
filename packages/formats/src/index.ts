// Weights, whatever their format
export { loadWeights, type LoadWeightsOptions, type Weights } from './weights/load-weights.ts'

// safetensors
export { decodeSafetensors, encodeSafetensors, type SafetensorsContents } from './safetensors/safetensors.ts'
export { loadSafetensors, saveSafetensors } from './safetensors/file.ts'
export {
  openSafetensors,
  type ReadTensorOptions,
  type SafetensorsFile,
  type StoredTensor,
} from './safetensors/open.ts'
export { streamSafetensors } from './safetensors/stream.ts'
export type { DecodeOptions } from './place.ts'
export type { StoredType } from './elements.ts'

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

// Files from anywhere
export { fetchFile, type FetchedFile, type FetchFileOptions } from './fetch/fetch-file.ts'
export type { Checksum } from './fetch/digest.ts'
export type { DownloadProgress } from './fetch/download.ts'
export { cacheDirectory } from './fetch/directory-store.node.ts'
export { readBytes, type ReadBytesOptions } from './source/read-bytes.ts'
export type { FileSource } from './source/source.ts'
export { ChecksumError, DownloadError, OfflineError } from './fetch/errors.ts'
export { openZip, type OpenZipOptions } from './zip/open-zip.ts'
export { isUnsafeName } from './zip/directory.ts'
