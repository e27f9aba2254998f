import { BinaryWriter } from '@bufbuild/protobuf/wire'
import type { Histogram } from '../../histogram.ts'
import { crc32c } from './crc32c.ts'

/** What one event says under one name. */
export type SummaryValue =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly histogram: Histogram }

// Field numbers: tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto.

/** The record that begins a file. */
export function encodeFileVersion(wallTime: number): Uint8Array {
  return frame(
    new BinaryWriter().uint32(tag(1, 1)).double(wallTime).uint32(tag(3, 2)).string('brain.Event:2').finish(),
  )
}

/** @param wallTime seconds since 1970 */
export function encodeEvent(wallTime: number, step: number, values: readonly SummaryValue[]): Uint8Array {
  const event = new BinaryWriter().uint32(tag(1, 1)).double(wallTime).uint32(tag(2, 0)).int64(step)
  event.uint32(tag(5, 2)).fork()
  for (const value of values) {
    event.uint32(tag(1, 2)).fork().uint32(tag(1, 2)).string(value.tag)
    if ('scalar' in value) event.uint32(tag(2, 5)).float(value.scalar)
    else writeHistogram(event, value.histogram)
    event.join()
  }
  return frame(event.join().finish())
}

function writeHistogram(
  event: BinaryWriter,
  { min, max, count, sum, sumSquares, limits, counts }: Histogram,
): void {
  event.uint32(tag(5, 2)).fork()
  for (const [i, value] of [min, max, count, sum, sumSquares].entries())
    event.uint32(tag(i + 1, 1)).double(value)
  for (const [field, list] of [
    [6, limits],
    [7, counts],
  ] as const) {
    event.uint32(tag(field, 2)).fork()
    for (const value of list) event.double(value)
    event.join()
  }
  event.join()
}

function tag(field: number, wireType: number): number {
  return (field << 3) | wireType
}

/** A TFRecord: length, its checksum, the data, its checksum. */
function frame(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16)
  const view = new DataView(record.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, mask(crc32c(record.subarray(0, 8))), true)
  record.set(data, 12)
  view.setUint32(12 + data.length, mask(crc32c(data)), true)
  return record
}

/** Checksums of data that holds checksums are weak, so TFRecord turns and shifts them. */
function mask(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
