import { appendFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collectBytes, localAccessOf, localBodyOf, parsePath, StorageError } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { bodyOf } from './body.ts'
import { openLocalDriver } from './driver.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const folder = temporaryFolder()
const driver = openLocalDriver({ root: folder, followsSymlinks: false })
const megabyte = 1 << 20
let files = 0

/** A file of three chunks, its body, and how often it was closed. */
function open(signal?: AbortSignal, slice = { start: 0, end: 3 * megabyte }) {
  const name = `file-${++files}`
  const place = join(folder, name)
  writeFileSync(place, Buffer.alloc(3 * megabyte, name))
  const opened = localAccessOf(driver)?.openFile(parsePath(name))
  if (!opened) throw new Error('The driver offers no local access.')
  let closed = 0
  const file = {
    ...opened,
    close: () => {
      closed++
      opened.close()
    },
  }
  return { place, body: bodyOf(file, slice, signal), closed: () => closed }
}

describe('the body of a local file', () => {
  it('reads nothing before it is asked', async () => {
    const { place, body, closed } = open()
    truncateSync(place, 0)
    await expect(collectBytes(body)).rejects.toSatisfy((error) => StorageError.is(error, 'Conflict'))
    expect(closed()).toBe(1)
  })

  it('closes the file once, at its end', async () => {
    const { body, closed } = open()
    expect((await collectBytes(body)).length).toBe(3 * megabyte)
    await body.cancel()
    localBodyOf(body)?.close()
    expect(closed()).toBe(1)
  })

  it('closes the file once when cancelled, even in the middle of a read', async () => {
    const { body, closed } = open()
    const reader = body.getReader()
    const read = reader.read()
    await reader.cancel()
    await read
    await expect.poll(closed).toBe(1)
  })

  it('fails and closes the file once when aborted, before or in between', async () => {
    for (const isEarly of [true, false]) {
      const controller = new AbortController()
      if (isEarly) controller.abort()
      const { body, closed } = open(controller.signal)
      const reader = body.getReader()
      if (!isEarly) await reader.read()
      controller.abort()
      await expect(reader.read()).rejects.toSatisfy((error) => StorageError.is(error, 'Aborted'))
      expect(closed()).toBe(1)
    }
  })

  it('leaves the descriptor to whoever sends from it, also when aborted', () => {
    const controller = new AbortController()
    const { body, closed } = open(controller.signal, { start: 1, end: 9 })
    const local = localBodyOf(body)
    expect(local).toMatchObject({ start: 1, end: 9 })
    expect(local?.descriptor).toBeGreaterThan(2)
    controller.abort()
    expect(closed()).toBe(0)
    local?.close()
    expect(closed()).toBe(1)
  })

  it('fails when the file becomes shorter, instead of ending early', async () => {
    const { place, body, closed } = open()
    const reader = body.getReader()
    await reader.read()
    truncateSync(place, megabyte + 5)
    await reader.read()
    await expect(reader.read()).rejects.toSatisfy((error) => StorageError.is(error, 'Conflict'))
    expect(closed()).toBe(1)
  })

  it('ends where the file ended when it was opened, even if more is appended', async () => {
    const { place, body } = open()
    appendFileSync(place, 'more')
    expect((await collectBytes(body)).length).toBe(3 * megabyte)
  })

  it('goes on to the end when the file is deleted meanwhile', async () => {
    const { place, body } = open()
    rmSync(place)
    expect((await collectBytes(body)).length).toBe(3 * megabyte)
  })
})
