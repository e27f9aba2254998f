import { ValueError } from '@badak/tensor'
import { findBuiltin } from '../files.node.ts'

/** What a file must be. At most one of them. */
export interface Checksum {
  /** SHA-256 in hexadecimal, or the first digits of it, eight at least, as in the names of PyTorch's files. */
  readonly sha256?: string
  /** MD5 in hexadecimal, for files that were published so long ago. It tells accidents, not attacks. */
  readonly md5?: string
}

/** A checksum to compare with. */
export interface Expected {
  readonly algorithm: 'sha256' | 'md5'
  readonly digits: string
}

/** @throws ValueError when there are two, or one is no checksum */
export function expectedOf(operation: string, { sha256, md5 }: Checksum): Expected | undefined {
  if (sha256 !== undefined && md5 !== undefined)
    throw new ValueError(`${operation}: give sha256 or md5, not both`)
  if (sha256 !== undefined && !/^[\da-f]{8,64}$/i.test(sha256))
    throw new ValueError(`${operation}: sha256 is 8 to 64 hexadecimal digits: ${sha256}`)
  if (md5 !== undefined && !/^[\da-f]{32}$/i.test(md5))
    throw new ValueError(`${operation}: md5 is 32 hexadecimal digits: ${md5}`)
  if (sha256 !== undefined) return { algorithm: 'sha256', digits: sha256.toLowerCase() }
  return md5 === undefined ? undefined : { algorithm: 'md5', digits: md5.toLowerCase() }
}

/** Undefined when the bytes have the checksum, else what they have instead, in words. */
export async function compare(
  chunks: AsyncIterable<Uint8Array>,
  { algorithm, digits }: Expected,
): Promise<string | undefined> {
  const found = await digestOf(chunks, algorithm)
  if (found.startsWith(digits)) return undefined
  const name = algorithm === 'md5' ? 'MD5' : 'SHA-256'
  return `${name} is ${found.slice(0, Math.max(digits.length, 8))}, not ${digits}`
}

/** In hexadecimal. */
export async function digestOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  algorithm: Expected['algorithm'],
): Promise<string> {
  const digest = await createDigest(algorithm)
  for await (const chunk of chunks) digest.update(chunk)
  return digest.hex()
}

interface Digest {
  update(chunk: Uint8Array): void
  hex(): string
}

/** Node's own, or a library: `crypto.subtle` takes whole files only, and no MD5. */
async function createDigest(algorithm: Expected['algorithm']): Promise<Digest> {
  const crypto = findBuiltin('node:crypto')
  if (crypto) {
    const hash = crypto.createHash(algorithm)
    return { update: (chunk) => void hash.update(chunk), hex: () => hash.digest('hex') }
  }
  const hash =
    algorithm === 'sha256'
      ? (await import('@noble/hashes/sha2.js')).sha256.create()
      : (await import('@noble/hashes/legacy.js')).md5.create()
  return {
    update: (chunk) => void hash.update(chunk),
    hex: () => [...hash.digest()].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  }
}
