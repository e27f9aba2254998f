import { readdir, readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { unpack } from '../../src/archives/unpack.node.ts'
import { pennFudan } from '../../src/index.ts'
import { tarFile, zipFile } from '../archives.ts'
import { failure, png, workplace } from './files.ts'
import { pennFudanFiles } from './street-files.ts'

const { place } = workplace()

describe('archives', () => {
  const limits = { maxBytes: 1000, maxFiles: 3 }
  const link = (): Uint8Array => {
    const tar = Buffer.from(tarFile({ 'VOC/link': new Uint8Array(0) }))
    tar.write('2', 156)
    tar.write('        ', 148)
    const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return tar
  }
  /** Two headers of one size: what is stored, and what it says it inflates to. */
  const bomb = (): Uint8Array => {
    const packed = deflateRawSync(new Uint8Array(5000))
    const zip = Buffer.from(zipFile({ a: packed }))
    const directory = zip.indexOf('PK\x01\x02', 0, 'latin1')
    zip.writeUInt16LE(8, 8)
    zip.writeUInt16LE(8, directory + 10)
    for (const at of [22, directory + 24]) zip.writeUInt32LE(5000, at)
    return zip
  }
  const many = { a: new Uint8Array(1), b: new Uint8Array(1), c: new Uint8Array(1), d: new Uint8Array(1) }
  test.each<[string, string, Uint8Array, string]>([
    [
      'a path that leaves',
      'a.tar',
      tarFile({ '../evil': new Uint8Array(1) }),
      'the name "../evil" leaves the archive',
    ],
    [
      'an absolute path',
      'b.tar',
      tarFile({ '/etc/evil': new Uint8Array(1) }),
      'the name "/etc/evil" leaves the archive',
    ],
    [
      'a path that leaves a zip',
      'a.zip',
      zipFile({ '../evil': new Uint8Array(1) }),
      'the name "../evil" leaves the archive (offset 38)',
    ],
    [
      'a link',
      'c.tar',
      link(),
      '"VOC/link" is a link or a device; only files and folders are unpacked (offset 0 of the archive)',
    ],
    [
      'too many bytes',
      'd.tar.gz',
      gzipSync(tarFile({ a: new Uint8Array(600), b: new Uint8Array(600) })),
      'it unpacks to 1200 bytes and more; at most 1000 are written',
    ],
    [
      'a zip that inflates to too much',
      'b.zip',
      bomb(),
      'the archive inflates to 5000 bytes and more, maxBytes is 1000 (offset 0)',
    ],
    ['too many files', 'e.tar', tarFile(many), 'it has more than 3 files'],
    ['no files', 'f.tar', new Uint8Array(1024), 'the archive has no files'],
    [
      'an end before its time',
      'g.tar',
      tarFile({ a: new Uint8Array(600) }).subarray(0, 900),
      'the archive ends within a (offset 900 of the archive)',
    ],
    [
      'a stream that is cut off',
      'h.tar.gz',
      gzipSync(tarFile({ a: new Uint8Array(600).fill(9) })).subarray(0, 40),
      'broken or truncated gzip stream',
    ],
    [
      'another kind of file',
      'i.tar',
      new Uint8Array(600).fill(1),
      'not a header of a tar archive, or a broken one (offset 0 of the archive)',
    ],
  ])('%s leave nothing behind', async (_, name, bytes, why) => {
    const directory = await place(`unpack-${name}`, { [name]: bytes })
    const folder = join(directory, 'out')
    const error = await failure(() => unpack(join(directory, name), folder, 'voc', limits))
    expect(error.name).toBe('FormatError')
    expect(error.message).toBe(`voc: ${join(directory, name)}: ${why}`)
    expect(await readdir(folder)).toEqual([])
    expect(await readdir(directory)).not.toContain('evil')
  })

  test('names are those of GNU and of pax, when they are long', async () => {
    const long = `${'folder/'.repeat(20)}file.txt`
    const record = (name: string): string => {
      const body = ` path=${name}\n`
      return `${body.length + 3}${body}`
    }
    const entry = (type: string, name: string, bytes: string): Buffer => {
      const tar = Buffer.from(tarFile({ [name]: new TextEncoder().encode(bytes) })).subarray(0, -1024)
      tar.write(type, 156)
      tar.write('        ', 148)
      const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
      tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
      return tar
    }
    const bytes = Buffer.concat([
      entry('L', '././@LongLink', `${long}\0`),
      entry('0', 'short', 'gnu'),
      entry('x', 'PaxHeader', record(`pax/${long}`)),
      entry('0', 'short', 'pax'),
      new Uint8Array(1024),
    ])
    const directory = await place('unpack-long', { 'long.tar': bytes })
    await unpack(join(directory, 'long.tar'), join(directory, 'out'), 'voc', limits)
    expect(await readFile(join(directory, 'out', long), 'utf8')).toBe('gnu')
    expect(await readFile(join(directory, 'out/pax', long), 'utf8')).toBe('pax')
  })
})

test('an archive that changes while it comes is the new one, whole', async () => {
  const named = async (width: number): Promise<Buffer> => {
    const files = { ...(await pennFudanFiles()), 'PNGImages/FudanPed00001.png': await png(width, 3) }
    return Buffer.from(
      zipFile(
        Object.fromEntries(
          Object.entries(files).map(([name, bytes]) => [`PennFudanPed/${name}`, Buffer.from(bytes)]),
        ),
      ),
    )
  }
  const [old, renewed] = [await named(5), await named(4)]
  let asked = 0
  const server: Server = createServer((_, response) => {
    asked++
    const [bytes, etag] = asked === 1 ? [old, '"old"'] : [renewed, '"new"']
    response.writeHead(200, { etag, 'content-length': bytes.length })
    // The first answer breaks off half-way.
    if (asked === 1) response.write(bytes.subarray(0, 200), () => response.destroy())
    else response.end(bytes)
  })
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
  try {
    const mirrors = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/`]
    const people = await pennFudan({ cache: await place('changing', {}), mirrors })
    expect((await people.get(0)).image.width).toBe(4)
    expect(asked).toBe(2)
  } finally {
    server.close()
  }
})
