import { describe, expect, it } from 'vitest'
import { CentralDirectory } from './central-directory.ts'
import { EntrySink } from './entry-sink.ts'
import { dosTime } from './dos-time.ts'
import { parsePath } from '@filegate/core'

/** Records of so many empty files, as a thread makes them. */
function piece(first: number, count: number) {
  const sink = new EntrySink(0, 1 << 16)
  for (let number = first; number < first + count; number++) {
    const name = `folder/file-${number}`
    sink.add({ path: parsePath(name), name, kind: 'file', modified: 0, mode: 0o644 }, 0, () => 0)
  }
  return sink.take()
}

function offsetsIn(bytes: Buffer): number[] {
  const offsets: number[] = []
  for (let at = 0; bytes.readUInt32LE(at) === 0x02014b50; ) {
    offsets.push(bytes.readUInt32LE(at + 42))
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30)
  }
  return offsets
}

describe('the directory of an archive', () => {
  it('is whole whatever the sizes of its pieces, and tells its own size and where it begins', () => {
    const directory = new CentralDirectory()
    let size = 0
    let count = 0
    for (const more of [1, 0, 300, 7, 2000, 5000, 1]) {
      const { bytes, central } = piece(count, more)
      directory.addPiece(central, size)
      count += more
      size += bytes.length
    }
    const bytes = Buffer.concat([...directory.finish(size)])
    const offsets = offsetsIn(bytes)
    expect(offsets).toHaveLength(count)
    expect(offsets).toEqual([...offsets].sort((one, other) => one - other))
    const end = bytes.length - 22
    expect(bytes.readUInt16LE(end + 10)).toBe(count)
    expect(bytes.readUInt32LE(end + 12)).toBe(end)
    expect(bytes.readUInt32LE(end + 16)).toBe(size)
    expect(bytes.readUInt32LE(12)).toBe(dosTime(0))
  })

  it('keeps nothing of the pieces that it was given, and gives out memory that is not used again', () => {
    const directory = new CentralDirectory()
    const { central } = piece(0, 3000)
    directory.addPiece(central, 0)
    expect(central.bytes.buffer.detached).toBe(true)
    const chunks = [...directory.finish(0)]
    expect(new Set(chunks.map(({ buffer }) => buffer)).size).toBe(chunks.length)
  })
})
