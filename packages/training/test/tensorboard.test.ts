import { expect, test } from 'vitest'
import { crc32c } from '../src/callbacks/tensorboard/crc32c.ts'
import { encodeEvent, encodeFileVersion } from '../src/callbacks/tensorboard/events.ts'
import recorded from './fixtures/tensorboard.json' with { type: 'json' }

test('the checksum of RFC 3720, section B.4, and of a catalogue of checksums', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283)
})

test(`an event file, byte for byte as ${recorded.source} writes it`, () => {
  const { wallTime, histogram } = recorded
  const bytes = Buffer.concat([
    encodeFileVersion(wallTime),
    encodeEvent(wallTime, 300, [
      { tag: 'step/loss', scalar: 0.5 },
      { tag: 'step/lr', scalar: 1e-3 },
    ]),
    encodeEvent(wallTime, 3_000_000_000, [{ tag: 'weight/0', histogram }]),
  ])
  expect(bytes.toString('hex')).toBe(recorded.bytes)
})
