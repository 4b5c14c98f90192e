import { describe, expect, it } from 'vitest'
import { collectBytes, streamBytes } from '../byte-stream.ts'
import { StorageError } from '../error.ts'
import { memory } from '../memory.ts'
import { parsePath } from '../path.ts'
import { faulty } from '../testing/faulty.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { type Observation, observed } from './observed.ts'
import { chunksOf, pulledBody } from './pulled.ts'

const path = parsePath('a.txt')

function setUp() {
  const clock = manualClock({ eager: true })
  const inner = faulty(memory({ 'a.txt': 'hello' }))
  const seen: Observation[] = []
  return { clock, inner, seen, driver: observed((observation) => void seen.push(observation), clock)(inner) }
}

describe('the observation layer', () => {
  it('tells of a call once, with how long it took', async () => {
    const { clock, inner, seen, driver } = setUp()
    inner.fail('stat', () => clock.sleep(30))
    await driver.stat(path)
    expect(seen).toEqual([
      { provider: 'memory', operation: 'stat', path: 'a.txt', duration: 30, bytes: 0, outcome: 'ok' },
    ])
  })

  it('tells of a failure by its code', async () => {
    const { inner, seen, driver } = setUp()
    const error = new StorageError('Throttled', 'Slow down.')
    inner.fail('stat', error, new Error('odd'))
    await expect(driver.stat(path)).rejects.toBe(error)
    await expect(driver.stat(path)).rejects.toThrow('odd')
    expect(seen).toMatchObject([{ outcome: 'Throttled', error }, { outcome: 'Unexpected' }])
  })

  it('tells of a read when its body is over, with the bytes that came', async () => {
    const { seen, driver } = setUp()
    const { body } = await driver.read(path)
    expect(seen).toEqual([])
    await collectBytes(body)
    expect(seen).toMatchObject([{ operation: 'read', bytes: 5, outcome: 'ok' }])
  })

  it('tells of a body that its consumer left', async () => {
    const { seen, driver } = setUp()
    const { body } = await driver.read(path)
    await body.cancel()
    expect(seen).toMatchObject([{ operation: 'read', bytes: 0, outcome: 'cancelled' }])
  })

  it('tells once of a body that was left while a chunk was on its way', async () => {
    const { inner } = setUp()
    const seen: Observation[] = []
    const chunk = Promise.withResolvers<Uint8Array | undefined>()
    const driver = observed((observation) => void seen.push(observation))({
      ...inner,
      async read(at) {
        const body = pulledBody({ next: () => chunk.promise, cancel: async () => chunk.resolve(undefined) })
        return { ...(await inner.read(at)), body }
      },
    })
    const reader = (await driver.read(path)).body.getReader()
    const reading = reader.read()
    await reader.cancel()
    await reading
    await chunk.promise
    expect(seen).toMatchObject([{ outcome: 'cancelled' }])
  })

  it('tells of a body that broke', async () => {
    const { inner } = setUp()
    const seen: Observation[] = []
    const error = new StorageError('Unavailable', 'Gone.')
    const driver = observed((observation) => void seen.push(observation))({
      ...inner,
      async read(at) {
        const result = await inner.read(at)
        const chunks = chunksOf(result.body)
        let count = 0
        const next = (): Promise<Uint8Array | undefined> => (count++ === 0 ? chunks.next() : Promise.reject(error))
        return { ...result, body: pulledBody({ ...chunks, next }) }
      },
    })
    await expect(collectBytes((await driver.read(path)).body)).rejects.toBe(error)
    expect(seen).toMatchObject([{ operation: 'read', bytes: 5, outcome: 'Unavailable', error }])
  })

  it('counts the bytes of a write', async () => {
    const { seen, driver } = setUp()
    await driver.write?.(path, { body: streamBytes(Buffer.alloc(70_000)) })
    expect(seen).toMatchObject([{ operation: 'write', bytes: 70_000, outcome: 'ok' }])
  })

  it('tells once of a read that could not begin', async () => {
    const { seen, driver } = setUp()
    await expect(driver.read(parsePath('missing'))).rejects.toMatchObject({ code: 'NotFound' })
    expect(seen).toMatchObject([{ operation: 'read', outcome: 'NotFound' }])
  })
})
