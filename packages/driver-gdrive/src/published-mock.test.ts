import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { openDriver, Storage } from '@filegate/core'
import { startServer } from 'google-drive-mock'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import definition from './index.ts'

// An opinion from outside: `google-drive-mock`, which its author runs against the real service. It has neither copies, nor
// ranges, nor uploads in chunks, nor shared drives.

let storage: Storage
let server: ReturnType<typeof startServer>

beforeAll(async () => {
  server = startServer(0, '127.0.0.1')
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const token = JSON.stringify({ access_token: 'valid-token' })
  const fetch = vendorFetch({ 'www.googleapis.com': `http://127.0.0.1:${port}` })
  storage = new Storage(await openDriver(definition, { token, pacer_burst: 100_000 }, { fetch }))
})
afterAll(async () => {
  await storage?.close()
  server.close()
})

it('files are made, listed, read, replaced, moved and removed on a mock that others made', async () => {
  await storage.write('folder/a b.txt', 'content')
  await storage.write("folder/it's.txt", 'other')
  const names: string[] = []
  for await (const { name } of storage.list('folder')) names.push(name)
  expect(names.sort()).toEqual(['a b.txt', "it's.txt"])
  expect(await storage.text('folder/a b.txt')).toBe('content')
  await storage.write('folder/a b.txt', 'new')
  expect(await storage.stat('folder/a b.txt')).toMatchObject({ size: 3 })
  await storage.move('folder/a b.txt', { destination: 'other/b.txt' })
  expect(await storage.text('other/b.txt')).toBe('new')
  await storage.remove('other')
  expect(await storage.exists('other/b.txt')).toBe(false)
  expect(await storage.exists('folder/a b.txt')).toBe(false)
})
