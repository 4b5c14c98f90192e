import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pulledBody } from '@filegate/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ReceivedBytes, receiveBytes, type ReceivingBytes } from './receive-bytes.ts'
import { parseChecksum } from './upload-checksum.ts'

const mebibyte = 1 << 20

let folder: string
let file: FileHandle
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-receive-'))
  file = await open(join(folder, 'file'), 'w+')
})
afterEach(async () => {
  await file.close()
  rmSync(folder, { recursive: true })
})

/** A body of so many MiB, each of them full of its own number, that may break off. */
function bodyOf(count: number, failure?: Error): ReadableStream<Uint8Array> {
  let given = 0
  return pulledBody({
    async next() {
      if (given < count) return new Uint8Array(mebibyte).fill(++given)
      if (failure) throw failure
      return undefined
    },
    cancel: () => Promise.resolve(),
  })
}

const reached: number[] = []
function receive(changes: Partial<ReceivingBytes>): Promise<ReceivedBytes> {
  reached.length = 0
  return receiveBytes({
    file,
    body: null,
    start: 0,
    most: undefined,
    announced: undefined,
    checksum: undefined,
    isDurable: true,
    reached: async (offset) => void reached.push(offset),
    heard() {},
    ...changes,
  })
}

const full = (after: number): ReceivingBytes['file'] => {
  let left = after
  return {
    truncate: (size) => file.truncate(size),
    datasync: () => file.datasync(),
    writev: async (buffers, position) => {
      if (left-- > 0) return file.writev(buffers, position)
      throw Object.assign(new Error('write failed'), { code: 'ENOSPC' })
    },
  }
}

describe('taking in a body', () => {
  it('writes all of it behind what was there', async () => {
    await file.write('before')
    expect(await receive({ start: 6, body: bodyOf(3), announced: 3 * mebibyte })).toEqual({ offset: 6 + 3 * mebibyte })
    const written = readFileSync(join(folder, 'file'))
    expect(written.length).toBe(6 + 3 * mebibyte)
    expect([...written.subarray(6 + mebibyte - 1, 6 + mebibyte + 1)]).toEqual([1, 2])
  })

  it('says how far a long one has come while it comes', async () => {
    await receive({ body: bodyOf(70) })
    expect(reached[0]).toBe(32 * mebibyte)
  })

  it('keeps what came before it broke off', async () => {
    const { offset, failure } = await receive({ body: bodyOf(2, new Error('reset')) })
    expect([offset, failure]).toEqual([2 * mebibyte, expect.objectContaining({ code: 'Aborted' })])
  })

  it('ends as broken off when there is less than announced', async () => {
    const { failure } = await receive({ body: bodyOf(2), announced: 3 * mebibyte })
    expect(failure).toMatchObject({ code: 'Aborted' })
  })

  it('keeps what the disk had room for, and says that it is full', async () => {
    const { offset, failure } = await receive({ file: full(2), body: bodyOf(5) })
    expect([offset, failure]).toEqual([2 * mebibyte, expect.objectContaining({ code: 'NoSpace' })])
  })

  it.each([
    ['it is longer than it may be', { most: 2 * mebibyte, body: bodyOf(3) }, 'TooLarge'],
    [
      'its checksum is another one',
      { checksum: parseChecksum('md5 1B2M2Y8AsgTpgAmY7PhCfg=='), body: bodyOf(3) },
      'InvalidArgument',
    ],
    [
      'it broke off and has a checksum',
      { checksum: parseChecksum('md5 1B2M2Y8AsgTpgAmY7PhCfg=='), body: bodyOf(3, new Error('reset')) },
      'Aborted',
    ],
  ])('keeps nothing when %s', async (_, changes, code) => {
    await file.write('before')
    const { offset, failure } = await receive({ start: 6, ...changes })
    expect([offset, failure]).toEqual([6, expect.objectContaining({ code })])
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('before')
  })

  it('can be told to stop, for somebody else to go on', async () => {
    let stop = (): void => {}
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(10))
        stop()
      },
    })
    const { failure } = await receive({ body: endless, heard: (breakOff) => (stop = breakOff) })
    expect(failure).toMatchObject({ code: 'Aborted' })
  })
})
