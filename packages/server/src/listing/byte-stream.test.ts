import { expect, test } from 'vitest'
import { byteStream } from './byte-stream.ts'
import { textStream } from './text-stream.ts'

function counted(total: number) {
  const state = { made: 0, ended: false }
  function* chunks(): Generator<Uint8Array> {
    try {
      while (state.made < total) yield Uint8Array.of(state.made++ % 256)
    } finally {
      state.ended = true
    }
  }
  return { state, chunks: chunks() }
}

test('a reader that takes its time holds no chunk that it did not ask for', async () => {
  const { state, chunks } = counted(1000)
  const reader = byteStream(chunks).getReader()
  await reader.read()
  await reader.read()
  await new Promise((resolve) => setImmediate(resolve))
  expect(state.made).toBe(2)
})

test('a reader that leaves ends the making of chunks', async () => {
  const { state, chunks } = counted(1000)
  const reader = byteStream(chunks).getReader()
  await reader.read()
  await reader.cancel()
  expect(state).toEqual({ made: 1, ended: true })
})

test('what goes wrong while chunks are made reaches the reader', async () => {
  function* failing(): Generator<Uint8Array> {
    yield Uint8Array.of(1)
    throw new Error('the folder is gone')
  }
  const reader = byteStream(failing()).getReader()
  await reader.read()
  await expect(reader.read()).rejects.toThrow('the folder is gone')
})

test('text is gathered into chunks that are worth a write', async () => {
  const pieces = Array.from({ length: 5000 }, (_, at) => `piece ${at} with ü\n`)
  const sizes: number[] = []
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of textStream(pieces)) {
    sizes.push(chunk.length)
    text += decoder.decode(chunk, { stream: true })
  }
  expect(text).toBe(pieces.join(''))
  expect(sizes.slice(0, -1).every((size) => size >= 32_768 && size < 40_000)).toBe(true)
})
