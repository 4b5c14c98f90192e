import { describe, expect, it } from 'vitest'
import { StorageError } from '../error.ts'
import { inTurn } from './in-turn.ts'

describe('inTurn', () => {
  it('begins work on a key when the work before has ended, in the order of the calls', async () => {
    const turn = inTurn()
    const first = Promise.withResolvers<void>()
    const log: string[] = []
    const one = turn('key', async () => {
      log.push('one begins')
      await first.promise
      log.push('one ends')
    })
    const two = turn('key', async () => void log.push('two'))
    const three = turn('key', async () => void log.push('three'))
    await turn('other', async () => void log.push('other'))
    expect(log).toEqual(['one begins', 'other'])
    first.resolve()
    await Promise.all([one, two, three])
    expect(log).toEqual(['one begins', 'other', 'one ends', 'two', 'three'])
  })

  it('goes on after work that failed', async () => {
    const turn = inTurn()
    const failing = turn('key', () => Promise.reject(new Error('no')))
    const next = turn('key', async () => 'done')
    await expect(failing).rejects.toThrow('no')
    expect(await next).toBe('done')
  })

  it('lets an aborted call give up waiting, and still keeps the next from overtaking', async () => {
    const turn = inTurn()
    const gate = Promise.withResolvers<void>()
    const controller = new AbortController()
    let ended = false
    const first = turn('key', async () => {
      await gate.promise
      ended = true
    })
    const aborted = turn('key', async () => 'never', controller.signal)
    const last = turn('key', async () => ended)
    controller.abort()
    await expect(aborted).rejects.toSatisfy((error) => StorageError.is(error, 'Aborted'))
    gate.resolve()
    await first
    expect(await last).toBe(true)
  })

  it('does not begin what is aborted beforehand', async () => {
    let begun = false
    const work = async (): Promise<void> => {
      begun = true
    }
    await expect(inTurn()('key', work, AbortSignal.abort())).rejects.toSatisfy((error) =>
      StorageError.is(error, 'Aborted'),
    )
    expect(begun).toBe(false)
  })
})
