import { describe, expect, it } from 'vitest'
import { assemble } from '../assemble.ts'
import { can, requireMethods } from '../capability.ts'
import { StorageError } from '../error.ts'
import { parseMask } from '../names/mask.ts'
import { parsePath } from '../path.ts'
import { idStore, topId } from '../testing/id-store.ts'
import { fromTree } from './tree.ts'
import type { TreeAcross } from './tree-source.ts'

const mask = parseMask('Slash,Question') ?? 0

/** Two connections to one service, with all the layers around them. */
function connected(change: Partial<TreeAcross> = {}) {
  const store = idStore()
  const { source } = store
  store.put(store.put(topId, 'a？'), 'why？', new TextEncoder().encode('content'))
  const across: TreeAcross = {
    service: 'one',
    referenceOf: ({ id }) => id,
    copyFrom: async (id, place, options) => {
      const copied = await source.copy?.({ id, facts: { kind: 'file', name: '' } }, place, options)
      if (copied) return copied
      throw new StorageError('Unsupported', 'No copies.')
    },
    ...change,
  }
  const driver = () =>
    assemble(fromTree({ ...source, across }), { mask, cache: {}, retries: { attempts: 3, firstDelay: 1 } })
  return { store, from: requireMethods(driver(), 'handle'), to: requireMethods(driver(), 'copyFrom') }
}

const file = parsePath('a?/why?')

describe('copies between connections', () => {
  it('are made by the service, with the names that users know and the folders above', async () => {
    const { from, to, store } = connected()
    const handle = await from.handle(file)
    const entry = await to.copyFrom(parsePath('new/which?'), { handle })
    expect(entry).toMatchObject({ kind: 'file', path: 'new/which?', name: 'which?' })
    expect((await to.list(parsePath('new'))).items).toMatchObject([{ path: 'new/which?', size: 7 }])
    expect(store.calls.filter((call) => /^(open|create|update) /.test(call))).toEqual([])
  })

  it('are seen at once where the folder was remembered', async () => {
    const { from, to } = connected()
    const folder = parsePath('a?')
    expect((await to.list(folder)).items).toHaveLength(1)
    await to.copyFrom(parsePath('a?/b'), { handle: await from.handle(file) })
    expect((await to.list(folder)).items).toHaveLength(2)
  })

  it('go to where nothing is', async () => {
    const { from, to } = connected()
    const copying = to.copyFrom(file, { handle: await from.handle(file) })
    await expect(copying).rejects.toMatchObject({ code: 'AlreadyExists' })
  })

  it('take no handle of another service, and make nothing then', async () => {
    const { to, store } = connected()
    const handle = { service: 'two', reference: 'x' }
    await expect(to.copyFrom(parsePath('new/b'), { handle })).rejects.toMatchObject({ code: 'Unsupported' })
    expect(store.calls).toEqual([])
  })

  it('are of files that are there', async () => {
    const { from } = connected()
    await expect(from.handle(parsePath('a?'))).rejects.toMatchObject({ code: 'IsADirectory' })
    await expect(from.handle(parsePath('none'))).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('are made once, also when they fail for a while', async () => {
    let tries = 0
    const fail = async () => {
      tries++
      throw new StorageError('Unavailable', 'Not now.')
    }
    const { from, to } = connected({ copyFrom: fail })
    const handle = await from.handle(file)
    await expect(to.copyFrom(parsePath('b'), { handle })).rejects.toMatchObject({ code: 'Unavailable' })
    expect(tries).toBe(1)
  })

  it('are nothing that a source without them has', () => {
    const driver = assemble(fromTree(idStore().source), { mask, cache: {} })
    expect([can(driver, 'handle'), can(driver, 'copyFrom')]).toEqual([false, false])
  })
})
