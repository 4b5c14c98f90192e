import { describe, expect, it } from 'vitest'
import { afterWriting, ownChunks } from './owned-chunks.ts'
import { releaseMemory } from './release-memory.ts'

const body = (): ReadableStream<Uint8Array> => new ReadableStream<Uint8Array>()

describe('a chunk that was written', () => {
  it('gives its memory back when its body says that nobody else has it', () => {
    const chunk = new Uint8Array(1000)
    afterWriting(ownChunks(body()))(chunk)
    expect(chunk.buffer.detached).toBe(true)
  })

  it('is left alone otherwise', () => {
    const chunk = new Uint8Array(1000)
    afterWriting(body())(chunk)
    expect(chunk.buffer.detached).toBe(false)
  })
})

describe('memory', () => {
  it('may be given back twice', () => {
    const chunk = new Uint8Array(1000)
    releaseMemory(chunk)
    expect(() => releaseMemory(chunk)).not.toThrow()
  })

  it('stays when small buffers share it', () => {
    const pooled = Buffer.from('one, other')
    expect(pooled.buffer.byteLength).toBe(Buffer.poolSize)
    releaseMemory(pooled.subarray(0, 3))
    expect(pooled.subarray(5).toString()).toBe('other')
  })

  it('stays when threads share it', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(1000))
    releaseMemory(shared)
    expect(shared).toHaveLength(1000)
  })
})
