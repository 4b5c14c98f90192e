import { collectBytes, openDriver, parsePath, type StorageDriver, streamBytes } from '@filegate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OneDrive, startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import definition from './index.ts'
import { connect, names } from './testing/connected.ts'

let service: OneDrive
beforeAll(async () => {
  service = await startOneDrive()
})
afterAll(() => service.close())

/** As users get it, names and all. */
const open = (options: Readonly<Record<string, unknown>> = {}): Promise<StorageDriver> =>
  openDriver(
    definition,
    { client_id: 'filegate', token: service.tokenBlob(), ...options },
    { fetch: vendorFetch(service.routes) },
  )

const put = async (driver: StorageDriver, path: string): Promise<void> =>
  void (await driver.write?.(parsePath(path), { body: streamBytes(Buffer.from(path)) }))

const shown = async (driver: StorageDriver, path: string): Promise<string[]> =>
  (await driver.list(parsePath(path))).items.map(({ name }) => name).sort()

/** Names, and how they are stored. */
const awkward: Readonly<Record<string, string>> = {
  'a:b ?': 'a：b ？',
  '"<*>|': '＂＜＊＞｜',
  'back\\slash': 'back＼slash',
  ' spaces at both ends ': '␠spaces at both ends␠',
  'ends with a dot.': 'ends with a dot．',
  '~tilde': '～tilde',
  'rubbed out\u007f': 'rubbed out␡',
}

describe('encoding', () => {
  it('makes names storable that the vendor forbids, and shows them as they were', async () => {
    const driver = await open()
    for (const name of Object.keys(awkward)) await put(driver, `names/${name}`)
    expect((await names(await connect(service), 'names')).sort()).toEqual(Object.values(awkward).sort())
    for (const name of Object.keys(awkward)) {
      const { body } = await driver.read(parsePath(`names/${name}`))
      expect(Buffer.from(await collectBytes(body)).toString()).toBe(`names/${name}`)
    }
    const same = Object.keys(awkward).filter((name) => !name.includes('\u007f'))
    expect(await shown(driver, 'names')).toEqual(expect.arrayContaining(same))
  })

  it('can be another one', async () => {
    const driver = await open({ encoding: 'Slash,Colon' })
    await put(driver, 'other/a:b')
    expect(await names(await connect(service), 'other')).toEqual(['a：b'])
    await expect(put(driver, 'other/a?b')).rejects.toMatchObject({ code: 'InvalidPath' })
  })
})
