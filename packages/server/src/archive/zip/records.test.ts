import { crc32 } from 'node:zlib'
import { root } from '@filegate/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DirectoryReader } from '../unzip/directory-entries.ts'
import { CentralDirectory } from './central-directory.ts'
import { combineCrc } from './crc-combine.ts'
import { dosTime, timeOfDos } from './dos-time.ts'
import { EntrySink } from './entry-sink.ts'
import { entryName } from './entry-name.ts'
import { isCompressedAlready } from './compressed-types.ts'

const item = (name: string) => ({ path: root, name, kind: 'file', modified: 1_700_000_000_000, mode: 0o640 }) as const

describe('a central directory', () => {
  it.each([0, 0xffffffff - 100, 0xffffffff, 2 ** 40])('places entries that start after %i bytes', (base) => {
    const sink = new EntrySink(0, 100)
    for (const name of ['a', 'b', 'c']) sink.add(item(name), 20, (target) => target.fill(name).length)
    const { bytes, central } = sink.take()
    const directory = new CentralDirectory()
    directory.addPiece(central, base)
    const end = base + bytes.length
    const records = Buffer.concat([...directory.finish(end)])
    const size = records.length - (records.readUInt32LE(records.length - 22 + 16) === 0xffffffff ? 98 : 22)
    const reader = new DirectoryReader(records.subarray(0, size), {
      start: end,
      end: end + size,
      count: 3,
      wideCount: true,
      prefix: 0,
    })
    const entries = Array.from({ length: 3 }, () => ({ ...reader.next() }))
    expect(reader.next()).toBeUndefined()
    const step = bytes.length / 3
    expect(entries.map(({ offset }) => offset)).toEqual([base, base + step, base + 2 * step])
    expect(entries[2]).toMatchObject({ path: 'c', size: 20, mode: 0o640, modified: 1_700_000_000 })
  })
})

describe('combineCrc', () => {
  it('is the checksum of both pieces together', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
        expect(combineCrc(crc32(one), crc32(other), other.length)).toBe(crc32(Buffer.concat([one, other])))
      }),
    )
  })
})

/** What a clock shows here, as seconds. */
const wallClock = (time: number): number => time - new Date(time * 1000).getTimezoneOffset() * 60

describe('dosTime', () => {
  it('comes back within its two seconds', () => {
    const seconds = fc.integer({ min: 315_619_200 + 86_400, max: 4_354_732_800 - 86_400 })
    fc.assert(
      fc.property(seconds, (time) => {
        const back = timeOfDos(dosTime(time * 1000)) ?? 0
        // Times that come twice when clocks are set back, by whatever somewhere, are one in this format.
        expect([0, 1]).toContain(wallClock(time) - wallClock(back))
        expect(Math.abs(time - back)).toBeLessThanOrEqual(86_400)
      }),
    )
  })
  it('is clamped to the years it knows, and no time at all when empty', () => {
    expect(new Date((timeOfDos(dosTime(0)) ?? 0) * 1000).getFullYear()).toBe(1980)
    expect(new Date((timeOfDos(dosTime(8e12)) ?? 0) * 1000).getFullYear()).toBe(2107)
    expect(timeOfDos(0)).toBeNull()
  })
})

describe('entryName', () => {
  it('leaves ordinary names as they are', () => {
    expect(entryName('sub/grüße: 1.txt', false)).toBe('sub/grüße: 1.txt')
    expect(entryName('sub', true)).toBe('sub/')
  })
})

describe('isCompressedAlready', () => {
  it('goes by the extension, whatever its case', () => {
    expect(['a.JPG', 'b.tar.gz', 'c.txt', 'mp4', '.png'].map(isCompressedAlready)).toEqual([
      true,
      true,
      false,
      true,
      true,
    ])
  })
})
