import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLineIndex, type LineIndex } from './line-index.ts'
import { findLines, type LineLimits } from './lines-local.ts'
import type { LinesRequest } from './lines-request.ts'
import { createLineScan, type LineSpan } from './lines-scan.ts'
import { findStreamedLines, type StreamedFile } from './lines-stream.ts'
import { createTailScan } from './lines-tail.ts'
import { createLineThreads, type LineThreads } from './lines-threads.ts'
import { sharedNewlineCounter } from './newlines.ts'

/** The lines of a text, each with its newline: what the fast algorithms are held against. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

interface Expected {
  readonly text: string
  readonly first: number
  readonly count: number
  readonly total: number
}

function expectedLines(text: string, request: LinesRequest, limits: LineLimits): Expected {
  const lines = linesOf(text)
  const total = lines.length
  const isTail = 'tail' in request
  const first = isTail ? Math.max(1, total - Math.min(request.tail, limits.lines) + 1) : request.first
  const wanted = lines.slice(first - 1, isTail ? undefined : Math.min(request.last, first + limits.lines - 1))
  const fitting: string[] = []
  let size = 0
  for (const line of isTail ? wanted.toReversed() : wanted) {
    if (size + line.length > limits.bytes) break
    size += line.length
    fitting.push(line)
  }
  if (isTail) fitting.reverse()
  if (wanted.length > 0 && fitting.length === 0) {
    const cut = isTail ? wanted.at(-1)?.slice(-limits.bytes) : wanted[0]?.slice(0, limits.bytes)
    return { text: cut ?? '', first: isTail ? total : first, count: 1, total }
  }
  const count = fitting.length
  return { text: fitting.join(''), first: isTail ? total - count + 1 : first, count, total }
}

/** The span in the terms of what is expected; a number that it does not tell counts as right. */
function shown(text: string, { start, end, count, first, total }: LineSpan, expected: Expected): Expected {
  const told = count > 0 ? (first ?? expected.first) : expected.first
  return { text: text.slice(start, end), first: told, count, total: total ?? expected.total }
}

const text = fc
  .array(fc.constantFrom('a', 'bc', '\n', '\r\n', '\n\n', ' ', 'long line '.repeat(30)), { maxLength: 60 })
  .map((parts) => parts.join(''))
const request = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 0, max: 70 }))
    .map(([first, more]) => ({ first, last: first + more })),
  fc.integer({ min: 1, max: 70 }).map((first) => ({ first, last: Infinity })),
  fc.integer({ min: 1, max: 70 }).map((tail) => ({ tail })),
)
const limits = fc.record({ lines: fc.integer({ min: 1, max: 80 }), bytes: fc.integer({ min: 1, max: 4_000 }) })
const size = fc.integer({ min: 1, max: 100 })
const noLimits = { lines: 100_000, bytes: 64 * 1024 * 1024 }

const folder = mkdtempSync(join(tmpdir(), 'filegate-lines-'))
let threads: LineThreads
beforeAll(() => {
  threads = createLineThreads()
})
afterAll(async () => {
  await threads.close()
  rmSync(folder, { recursive: true })
})

/** Writes the text to a file, and calls `work` with it open. */
async function withFile<T>(content: string, work: (file: { descriptor: number; size: number }) => Promise<T>) {
  const path = join(folder, 'file')
  writeFileSync(path, content)
  const descriptor = openSync(path, 'r')
  try {
    return await work({ descriptor, size: Buffer.byteLength(content) })
  } finally {
    closeSync(descriptor)
  }
}

const never = new AbortController().signal
const knowing = (index: LineIndex) => ({ index, threads, signal: () => never })

describe('the forward scan', () => {
  it('finds what splitting the text finds, however the bytes are cut and wherever a checkpoint lets it start', () => {
    const counter = sharedNewlineCounter()
    fc.assert(
      fc.property(text, request, limits, size, size, (content, wanted, limit, chunk, spacing) => {
        if ('tail' in wanted) return
        const index: LineIndex = { spacing, checkpoints: [0] }
        const target = {
          first: wanted.first,
          last: Math.min(wanted.last, wanted.first + limit.lines - 1),
          byteLimit: limit.bytes,
          size: content.length,
        }
        const expected = expectedLines(content, wanted, limit)
        const run = (from: { offset: number; newlines: number }): void => {
          const report = ({ offset, newlines }: { offset: number; newlines: number }): void => {
            if (offset === index.checkpoints.length * spacing) index.checkpoints.push(newlines)
          }
          const scan = createLineScan(target, from, { spacing, report })
          let span: LineSpan | undefined
          while (!span && scan.offset < content.length) {
            const piece = Buffer.from(content.slice(scan.offset, scan.offset + chunk))
            counter.buffer.set(piece)
            span = scan.feed(counter, piece.length)
          }
          expect(shown(content, span ?? scan.finish(), expected)).toEqual(expected)
        }
        run({ offset: 0, newlines: 0 })
        for (const [ordinal, newlines] of index.checkpoints.entries()) {
          if (newlines < wanted.first - 1) run({ offset: ordinal * spacing, newlines })
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('the scan from the end', () => {
  it('finds what splitting the text finds, however big its blocks are', () => {
    const counter = sharedNewlineCounter()
    fc.assert(
      fc.property(text, size, limits, size, (content, tail, limit, length) => {
        if (content === '') return
        const scan = createTailScan({ tail, byteLimit: limit.bytes, size: content.length })
        let span: LineSpan | undefined
        while (!span) {
          const block = scan.wanted(length)
          counter.buffer.set(Buffer.from(content.slice(block.start, block.end)))
          span = scan.feed(counter, block)
        }
        const expected = expectedLines(content, { tail }, { lines: Infinity, bytes: limit.bytes })
        expect(shown(content, span, expected)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })
})

describe('finding lines in a local file', () => {
  it('finds what splitting the text finds, and always knows the numbers', async () => {
    await fc.assert(
      fc.asyncProperty(text, request, limits, async (content, wanted, limit) => {
        const index = createLineIndex(content.length)
        await withFile(content, async (file) => {
          for (let round = 0; round < 2; round++) {
            const span = await findLines(file, wanted, limit, knowing(index))
            const expected = expectedLines(content, wanted, limit)
            expect(shown(content, span, expected)).toEqual(expected)
            expect(span.first).toBeDefined()
          }
        })
      }),
    )
  })

  it('answers at once where the lines are near', async () => {
    await withFile('x\n'.repeat(5_000), async (file) => {
      expect(findLines(file, { first: 10, last: 20 }, noLimits, knowing(createLineIndex()))).not.toBeInstanceOf(Promise)
      expect(findLines(file, { tail: 20 }, noLimits, knowing(createLineIndex()))).not.toBeInstanceOf(Promise)
    })
  })

  it('asks a thread where they are far, and only the first time', async () => {
    const content = Array.from({ length: 200_000 }, (_, number) => `line ${number + 1}\n`).join('')
    const index = createLineIndex(content.length)
    await withFile(content, async (file) => {
      const wanted = { first: 150_000, last: 150_003 }
      const found = findLines(file, wanted, noLimits, knowing(index))
      expect(found).toBeInstanceOf(Promise)
      const expected = expectedLines(content, wanted, noLimits)
      expect(shown(content, await found, expected)).toEqual(expected)
      const again = findLines(file, wanted, noLimits, knowing(index))
      expect(again).not.toBeInstanceOf(Promise)
      expect(shown(content, await again, expected)).toEqual(expected)
    })
  })

  it('gives the same from a thread as at once, for ranges and tails', async () => {
    const content = Array.from(
      { length: 150_000 },
      (_, number) => `${number % 977}: ${'z'.repeat(number % 13)}\n`,
    ).join('')
    await withFile(content, async (file) => {
      for (const wanted of [{ first: 140_000, last: Infinity }, { first: 200_000, last: 200_001 }, { tail: 90_000 }]) {
        const span = await findLines(file, wanted, noLimits, knowing(createLineIndex(file.size)))
        const expected = expectedLines(content, wanted, noLimits)
        expect(shown(content, span, expected)).toEqual(expected)
        expect(span.total).toBe(150_000)
      }
    })
  })

  it('knows that there is nothing past a known end without reading', async () => {
    const index = createLineIndex()
    await withFile('a\nb', async (file) => {
      await findLines(file, { first: 9, last: 9 }, noLimits, knowing(index))
      const closed = { descriptor: -1, size: file.size }
      expect(findLines(closed, { first: 3, last: 5 }, noLimits, knowing(index))).toMatchObject({ count: 0, total: 2 })
    })
  })
})

describe('the threads that look for lines', () => {
  it('stop at once when nobody waits any more, and then leave the descriptor alone', async () => {
    await withFile('', async (file) => {
      truncateSync(join(folder, 'file'), 2 ** 38)
      const leaving = new AbortController()
      const target = { first: 2, last: 2, byteLimit: noLimits.bytes, size: 2 ** 38 }
      const search = { kind: 'range', target, from: { offset: 0, newlines: 0 }, spacing: 2 ** 20 } as const
      const found = threads.find({ ...file, size: 2 ** 38 }, search, leaving.signal)
      leaving.abort()
      await expect(found).rejects.toMatchObject({ code: 'Aborted' })
      await expect(threads.find(file, search, leaving.signal)).rejects.toMatchObject({ code: 'Aborted' })
    })
  })

  it('work for several at a time', async () => {
    const content = 'a line of text\n'.repeat(300_000)
    await withFile(content, async (file) => {
      const spans = await Promise.all(
        [10, 100_000, 200_000, 299_999].map(async (first) => {
          const target = { first, last: first, byteLimit: noLimits.bytes, size: file.size }
          const search = { kind: 'range', target, from: { offset: 0, newlines: 0 }, spacing: 2 ** 20 } as const
          return (await threads.find(file, search, never)).span.start
        }),
      )
      expect(spans).toEqual([9 * 15, 99_999 * 15, 199_999 * 15, 299_998 * 15])
    })
  })

  it('refuse more searches than could ever end soon', async () => {
    await withFile('', async (file) => {
      truncateSync(join(folder, 'file'), 2 ** 38)
      const leaving = new AbortController()
      const target = { first: 2, last: 2, byteLimit: noLimits.bytes, size: 2 ** 38 }
      const search = { kind: 'range', target, from: { offset: 0, newlines: 0 }, spacing: 2 ** 20 } as const
      const endless = { ...file, size: 2 ** 38 }
      const searches = Array.from({ length: 256 }, () => threads.find(endless, search, leaving.signal))
      await expect(threads.find(endless, search, never)).rejects.toMatchObject({ code: 'Unavailable' })
      leaving.abort()
      for (const outcome of await Promise.allSettled(searches)) expect(outcome.status).toBe('rejected')
    })
  })

  it('report a file that cannot be read', async () => {
    const search = { kind: 'tail', target: { tail: 1, byteLimit: 10, size: 10 } } as const
    await expect(threads.find({ descriptor: 999_999, size: 10 }, search, never)).rejects.toThrow(/EBADF/)
  })
})

/** A file elsewhere whose bytes come in chunks of this length. */
function streamed(content: string, chunk: number, knowsSize: boolean) {
  const bytes = Buffer.from(content)
  let served = 0
  let open = 0
  const file: StreamedFile = {
    size: knowsSize ? bytes.length : undefined,
    async open(range) {
      if (range && 'suffix' in range) throw new Error('no suffixes here')
      let { start: position } = range ?? { start: 0 }
      const end = Math.min(range?.end ?? bytes.length, bytes.length)
      if (range && position >= end) throw new Error('range not satisfiable')
      open += 1
      return new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            const piece = bytes.subarray(position, Math.min(end, position + chunk))
            position += piece.length
            served += piece.length
            if (piece.length > 0) controller.enqueue(new Uint8Array(piece))
            if (position < end) return
            open -= 1
            controller.close()
          },
          cancel() {
            open -= 1
          },
        },
        { highWaterMark: 0 },
      )
    },
  }
  return { file, served: () => served, open: () => open }
}

describe('finding lines in a file elsewhere', () => {
  it('finds what splitting the text finds, whatever the chunks, and leaves no stream open', async () => {
    await fc.assert(
      fc.asyncProperty(text, request, limits, size, fc.boolean(), async (content, wanted, limit, chunk, knowsSize) => {
        const elsewhere = streamed(content, chunk, knowsSize)
        const index = createLineIndex(elsewhere.file.size)
        // Where the size is unknown the end is found from the front, so the bytes that fit are the first.
        if (!knowsSize && 'tail' in wanted && limit.bytes < content.length) return
        for (let round = 0; round < 2; round++) {
          const { span, bytes } = await findStreamedLines(elsewhere.file, wanted, limit, index, never)
          const expected = expectedLines(content, wanted, limit)
          expect(shown(content, span, expected)).toEqual(expected)
          expect(Buffer.from(bytes).toString()).toBe(expected.text)
        }
        expect(elsewhere.open()).toBe(0)
      }),
    )
  })

  it('reads no further than the lines, and from the end only what it needs', async () => {
    const content = 'twenty bytes a line\n'.repeat(500_000)
    const near = streamed(content, 65_536, true)
    await findStreamedLines(near.file, { first: 10, last: 20 }, noLimits, createLineIndex(), never)
    expect(near.served()).toBeLessThanOrEqual(65_536)
    const tail = streamed(content, 65_536, true)
    const { span, bytes } = await findStreamedLines(tail.file, { tail: 20 }, noLimits, createLineIndex(), never)
    expect(tail.served()).toBeLessThanOrEqual(65_536)
    expect([span.count, span.first, bytes.length]).toEqual([20, undefined, 400])
  })

  it('starts the next request where the index knows to', async () => {
    const content = 'twenty bytes a line\n'.repeat(500_000)
    const index = createLineIndex(content.length)
    const first = streamed(content, 65_536, true)
    await findStreamedLines(first.file, { first: 400_000, last: 400_010 }, noLimits, index, never)
    const second = streamed(content, 65_536, true)
    const { span } = await findStreamedLines(second.file, { first: 399_990, last: 400_000 }, noLimits, index, never)
    expect(span.start).toBe(399_989 * 20)
    expect(second.served()).toBeLessThanOrEqual(index.spacing + 65_536)
  })

  it('holds only the first megabyte of a long answer, from the front and from the end', async () => {
    const content = 'twenty bytes a line\n'.repeat(200_000)
    for (const wanted of [{ first: 1_000, last: Infinity }, { tail: 90_000 }]) {
      const { span, bytes } = await findStreamedLines(
        streamed(content, 50_000, true).file,
        wanted,
        noLimits,
        createLineIndex(),
        never,
      )
      expect(span.end - span.start).toBeGreaterThan(1_700_000)
      expect(bytes.length).toBeGreaterThan(0)
      expect(bytes.length).toBeLessThanOrEqual(1024 * 1024)
      expect(Buffer.from(bytes).toString()).toBe(content.slice(span.start, span.start + bytes.length))
    }
  })
})
