import { describe, expect, it } from 'vitest'
import type { StorageDriver } from '../contract.ts'
import { memory } from '../memory.ts'
import { parsePath } from '../path.ts'
import { around } from './around.ts'

const path = parsePath('a.txt')

describe('around', () => {
  it('keeps the methods that the driver has, and makes up none', () => {
    const small: StorageDriver = { ...memory() }
    delete small.write
    const pass = around(small, (_call, proceed) => proceed())
    expect(Object.keys(pass).sort()).toEqual(Object.keys(small).sort())
    expect(pass).not.toHaveProperty('write')
    const full = memory()
    expect(Object.keys(around(full, (_call, proceed) => proceed())).sort()).toEqual(Object.keys(full).sort())
  })

  it('shows the hook every call, with its path and options', async () => {
    const seen: unknown[] = []
    const driver = around(memory({ 'a.txt': 'hello' }), (call, proceed) => {
      seen.push([call.operation, call.path, call.options])
      return proceed()
    })
    await driver.stat(path)
    await driver.hash?.(path, { algorithm: 'sha256' })
    expect(seen).toEqual([
      ['stat', 'a.txt', {}],
      ['hash', 'a.txt', { algorithm: 'sha256' }],
    ])
  })

  it('lets the hook change the path and the signal', async () => {
    const driver = around(memory({ 'b.txt': 'x' }), (_call, proceed) => proceed({ path: parsePath('b.txt') }))
    expect(await driver.stat(path)).toMatchObject({ path: 'b.txt' })
    const aborted = around(memory({ 'a.txt': 'x' }), (_call, proceed) => proceed({ signal: AbortSignal.abort() }))
    await expect(aborted.stat(path)).rejects.toMatchObject({ code: 'Aborted' })
  })

  it('keeps the receiver of methods that need it', async () => {
    class Driver {
      readonly #inner = memory({ 'a.txt': 'x' })
      readonly provider = 'classy'
      readonly traits = this.#inner.traits
      stat: StorageDriver['stat'] = (...call) => this.#inner.stat(...call)
      list: StorageDriver['list'] = (...call) => this.#inner.list(...call)
      read: StorageDriver['read'] = (...call) => this.#inner.read(...call)
      remove(at: typeof path): Promise<void> {
        return this.#inner.remove?.(at) ?? Promise.resolve()
      }
    }
    const driver = around(new Driver(), (_call, proceed) => proceed())
    await driver.remove?.(path)
    await expect(driver.stat(path)).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('makes a rejection of what a method throws before it returns', async () => {
    const driver = around(
      {
        ...memory(),
        stat: () => {
          throw new Error('at once')
        },
      },
      (_call, proceed) => proceed(),
    )
    await expect(driver.stat(path)).rejects.toThrow('at once')
  })

  it('closes the driver inside', async () => {
    let closed = 0
    const driver = around({ ...memory(), close: async () => void closed++ }, (_call, proceed) => proceed())
    await driver.close?.()
    expect(closed).toBe(1)
  })
})
