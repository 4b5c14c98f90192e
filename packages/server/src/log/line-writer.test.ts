import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LineWriter } from './line-writer.ts'

/** Milliseconds that the disk may take. */
const patience = 10_000

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-log-'))
  file = join(folder, 'access.log')
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

const content = (path = file) => readFileSync(path, 'utf8')

describe('LineWriter', () => {
  test('writes lines together, a moment later', async () => {
    const writer = new LineWriter(file)
    writer.line('one')
    writer.line('two')
    expect(content()).toBe('')
    await vi.waitFor(() => expect(content()).toBe('one\ntwo\n'), patience)
    writer.close()
  })

  test('writes what waits at once when the process ends', () => {
    const writer = new LineWriter(file)
    writer.line('last words')
    writer.flushNow()
    expect(content()).toBe('last words\n')
    writer.close()
  })

  test('appends to what is there', () => {
    for (const text of ['first run', 'second run']) {
      const writer = new LineWriter(file)
      writer.line(text)
      writer.close()
    }
    expect(content()).toBe('first run\nsecond run\n')
  })

  test('goes on in a new file after the old one was moved away', () => {
    const writer = new LineWriter(file)
    writer.line('before')
    renameSync(file, `${file}.1`)
    writer.line('between')
    writer.reopen()
    writer.line('after')
    writer.close()
    expect(content(`${file}.1`)).toBe('before\nbetween\n')
    expect(content()).toBe('after\n')
  })

  test('keeps the order of many lines', async () => {
    const writer = new LineWriter(file)
    const lines = Array.from({ length: 50_000 }, (_, number) => `line ${number} ${'x'.repeat(50)}`)
    for (const line of lines) writer.line(line)
    await vi.waitFor(() => expect(content().length).toBe(lines.join('\n').length + 1), patience)
    expect(content()).toBe(`${lines.join('\n')}\n`)
    writer.close()
  })

  test('drops lines instead of growing without bound, and says how many', async () => {
    const writer = new LineWriter(file)
    const line = 'x'.repeat(1024 * 1024)
    for (let count = 0; count < 20; count += 1) writer.line(line)
    writer.close()
    await vi.waitFor(() => expect(content()).toMatch(/\((\d+) lines were dropped/), patience)
    expect(content().length).toBeLessThan(12 * 1024 * 1024)
  })

  test('says which file cannot be opened', () => {
    expect(() => new LineWriter(join(folder, 'missing', 'access.log'))).toThrow('The log file cannot be opened')
  })
})
