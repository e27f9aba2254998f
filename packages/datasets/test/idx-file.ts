/** Bytes of an IDX file, by hand from the published format. */
export function idxFile(
  type: number,
  shape: readonly number[],
  payload: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * shape.length + payload.length)
  const view = new DataView(bytes.buffer)
  bytes.set([0, 0, type, shape.length])
  for (const [axis, extent] of shape.entries()) view.setUint32(4 + 4 * axis, extent)
  bytes.set(payload, 4 + 4 * shape.length)
  return bytes
}
