import { readFileSync } from 'node:fs'
import { StorageError } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { createDecoders } from './decompress/decoders.ts'
import { createTurns } from './turns.ts'

const { signal } = new AbortController()

describe('turns', () => {
  it('come one after the other when there are enough at work', async () => {
    const turns = createTurns({ atOnce: 2, mostWaiting: 5, patience: 60_000, longestPause: 60_000 })
    const [first, second] = [await turns.take(signal), await turns.take(signal)]
    const order: string[] = []
    const third = turns.take(signal).then((turn) => (order.push('third'), turn))
    const fourth = turns.take(signal).then((turn) => (order.push('fourth'), turn))
    first.end()
    first.end()
    const thirdTurn = await third
    expect(order).toEqual(['third'])
    thirdTurn.end()
    ;(await fourth).end()
    second.end()
    expect(order).toEqual(['third', 'fourth'])
  })

  it('are refused when too many wait, or when none comes', async () => {
    const turns = createTurns({ atOnce: 1, mostWaiting: 1, patience: 5, longestPause: 60_000 })
    const turn = await turns.take(signal)
    const waits = turns.take(signal)
    await expect(turns.take(signal)).rejects.toThrow('Too many archives')
    await expect(waits).rejects.toThrow('Too many archives')
    turn.end()
    ;(await turns.take(signal)).end()
  })

  it('are given up by who leaves', async () => {
    const turns = createTurns({ atOnce: 1, mostWaiting: 1, patience: 60_000, longestPause: 60_000 })
    const turn = await turns.take(signal)
    const leaving = new AbortController()
    const waits = turns.take(leaving.signal)
    leaving.abort()
    expect(StorageError.is(await waits.catch((error: unknown) => error), 'Aborted')).toBe(true)
    const next = turns.take(signal)
    turn.end()
    ;(await next).end()
  })

  it('are taken away from who stands still while others wait', async () => {
    const turns = createTurns({ atOnce: 1, mostWaiting: 1, patience: 60_000, longestPause: 5 })
    const turn = await turns.take(signal)
    turn.pause()
    ;(await turns.take(signal)).end()
    expect(turn.lost.aborted).toBe(true)
    expect(() => turn.resume()).toThrow('not read for so long')
  })

  it('are kept by who stands still where nobody waits, until somebody does', async () => {
    const turns = createTurns({ atOnce: 1, mostWaiting: 1, patience: 60_000, longestPause: 1 })
    const turn = await turns.take(signal)
    turn.pause()
    await passed(20)
    expect(turn.lost.aborted).toBe(false)
    turn.resume()
    turn.pause()
    await passed(20)
    const other = await turns.take(signal)
    expect(turn.lost.aborted).toBe(true)
    other.end()
  })

  it('are not taken away from who works', async () => {
    const turns = createTurns({ atOnce: 1, mostWaiting: 1, patience: 20, longestPause: 1 })
    const turn = await turns.take(signal)
    turn.pause()
    turn.resume()
    await expect(turns.take(signal)).rejects.toThrow('Too many archives')
    expect(turn.lost.aborted).toBe(false)
    turn.end()
  })
})

describe('a reader that does not read on', () => {
  const packed = readFileSync(new URL('fixtures/ustar.tar.xz', import.meta.url))

  it('loses its thread to one that waits', async () => {
    const turns = createTurns({ atOnce: 1, mostWaiting: 1, patience: 60_000, longestPause: 5 })
    const decode = (): AsyncGenerator<Uint8Array> => createDecoders(turns).xz(once(packed), signal)
    const slow = decode()
    expect((await slow.next()).value).toHaveLength(await sizeOf(decode()))
    const error: unknown = await slow.next().catch((reason: unknown) => reason)
    expect(StorageError.is(error, 'TimedOut')).toBe(true)
  })
})

/** When timers that were set before, for less time, have had their turn. */
const passed = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}

async function sizeOf(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0
  for await (const chunk of chunks) size += chunk.length
  return size
}
