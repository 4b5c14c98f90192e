import { describe, expect, it } from 'vitest'
import { chunksOf, type ChunkSource, pulledBody, wrappedBody } from './pulled.ts'

const bytes = Uint8Array.of(1, 2, 3)

function sourceOf(...chunks: readonly Uint8Array[]) {
  const left = [...chunks]
  const cancelled: unknown[] = []
  const source: ChunkSource = {
    next: async () => left.shift(),
    cancel: async (reason) => void cancelled.push(reason),
  }
  return { source, cancelled }
}

describe('the chunks of a body that was made of a source', () => {
  it('are the very chunks of the source, and the body is locked', async () => {
    const body = pulledBody(sourceOf(bytes).source)
    const chunks = chunksOf(body)
    expect(body.locked).toBe(true)
    expect(() => chunksOf(body)).toThrow('locked')
    expect(await chunks.next()).toBe(bytes)
    expect(await chunks.next()).toBeUndefined()
    expect(await chunks.next()).toBeUndefined()
  })

  it('go on where somebody has begun to read the stream', async () => {
    const body = pulledBody(sourceOf(bytes, bytes.slice(1)).source)
    const reader = body.getReader()
    await reader.read()
    reader.releaseLock()
    const chunks = chunksOf(body)
    expect(await chunks.next()).toEqual(bytes.slice(1))
    expect(await chunks.next()).toBeUndefined()
  })

  it('end when they are cancelled, also the one that is waited for, however it ends later', async () => {
    const late = Promise.withResolvers<Uint8Array | undefined>()
    const reasons: unknown[] = []
    const chunks = chunksOf(
      pulledBody({ next: () => late.promise, cancel: async (reason) => void reasons.push(reason) }),
    )
    const waiting = chunks.next()
    await chunks.cancel('enough')
    expect(await waiting).toBeUndefined()
    late.reject(new Error('late'))
    expect(await chunks.next()).toBeUndefined()
    await chunks.cancel('again')
    expect(reasons).toEqual(['enough'])
  })

  it('have nothing to cancel once they have ended', async () => {
    const { source, cancelled } = sourceOf()
    const chunks = chunksOf(pulledBody(source))
    await chunks.next()
    await chunks.cancel('late')
    expect(cancelled).toEqual([])
  })

  it('fail for good, as a stream would', async () => {
    let asked = 0
    const chunks = chunksOf(
      pulledBody({
        next() {
          asked += 1
          throw new Error('at once')
        },
        async cancel() {},
      }),
    )
    await expect(chunks.next()).rejects.toThrow('at once')
    await expect(chunks.next()).rejects.toThrow('at once')
    await expect(chunks.cancel('late')).rejects.toThrow('at once')
    expect(asked).toBe(1)
  })

  it('of a body that was cancelled before are none', async () => {
    const { source, cancelled } = sourceOf(bytes)
    const body = pulledBody(source)
    await body.cancel('unwanted')
    expect(await chunksOf(body).next()).toBeUndefined()
    expect(cancelled).toEqual(['unwanted'])
  })
})

describe('something put around the chunks of a body', () => {
  const upperCase = (chunks: ChunkSource): ChunkSource => ({
    ...chunks,
    async next() {
      const chunk = await chunks.next()
      return chunk && Buffer.from(Buffer.from(chunk).toString().toUpperCase())
    },
  })
  const textOf = async (body: ReadableStream<Uint8Array>): Promise<string> => new Response(body).text()

  it('is what the body gives, through as many layers as there are', async () => {
    const body = pulledBody(sourceOf(Buffer.from('a'), Buffer.from('b')).source)
    const wrapped = wrappedBody(wrappedBody(body, upperCase), (chunks) => ({
      ...chunks,
      async next() {
        const chunk = await chunks.next()
        return chunk && Buffer.concat([chunk, Buffer.from('.')])
      },
    }))
    expect(await textOf(wrapped)).toBe('A.B.')
  })

  it('works for streams of any kind, and for those that somebody has begun to read', async () => {
    expect(await textOf(wrappedBody(ReadableStream.from([Buffer.from('a')]), upperCase))).toBe('A')
    const begun = pulledBody(sourceOf(Buffer.from('a'), Buffer.from('b')).source)
    const reader = begun.getReader()
    await reader.read()
    reader.releaseLock()
    expect(await textOf(wrappedBody(begun, upperCase))).toBe('B')
  })

  it('is refused while somebody reads', () => {
    const body = pulledBody(sourceOf(bytes).source)
    chunksOf(body)
    expect(() => wrappedBody(body, upperCase)).toThrow('locked')
  })

  it('hears of the cancel, and the source through it', async () => {
    const { source, cancelled } = sourceOf(bytes)
    const heard: unknown[] = []
    const wrapped = wrappedBody(pulledBody(source), (chunks) => ({
      ...chunks,
      async cancel(reason) {
        heard.push(reason)
        await chunks.cancel(reason)
      },
    }))
    await wrapped.cancel('enough')
    expect([heard, cancelled]).toEqual([['enough'], ['enough']])
  })
})
