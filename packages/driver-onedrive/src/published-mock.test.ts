import { openDriver, Storage } from '@filegate/core'
import { once } from 'node:events'
import { startServer } from 'microsoft-onedrive-mock'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { addressOf } from '../../../test/simulators/fault-proxy.ts'
import definition from './index.ts'

// An opinion from outside: `microsoft-onedrive-mock`, which its author runs against the real service. It knows one drive, by the
// name `me/drive` alone, and neither hashes, nor upload sessions, nor where the bytes of a file are.

let storage: Storage
let server: ReturnType<typeof startServer>

beforeAll(async () => {
  server = startServer(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = addressOf(server)
  const options = {
    token: JSON.stringify({ access_token: 'valid-token' }),
    drive_id: 'one',
    drive_type: 'personal' as const,
  }
  const mocked: typeof fetch = (input, init) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input)
    return fetch(`http://127.0.0.1:${port}${pathname.replace('/drives/one', '/me/drive')}${search}`, init)
  }
  storage = new Storage(await openDriver(definition, options, { fetch: mocked }))
})
afterAll(async () => {
  await storage?.close()
  server.close()
})

it('files are made, listed, replaced, renamed and removed on a mock that others made', async () => {
  await storage.write('folder/a b.txt', 'content')
  await storage.write("folder/it's.txt", 'other')
  const names: string[] = []
  for await (const { name } of storage.list('folder')) names.push(name)
  expect(names.sort()).toEqual(['a b.txt', "it's.txt"])
  await storage.write('folder/a b.txt', 'new')
  expect(await storage.stat('folder/a b.txt')).toMatchObject({ size: 3 })
  await storage.move('folder/a b.txt', { destination: 'folder/b.txt' })
  expect(await storage.exists('folder/a b.txt')).toBe(false)
  expect(await storage.stat('folder/b.txt')).toMatchObject({ size: 3 })
  await storage.remove('folder/b.txt')
  expect(await storage.exists('folder/b.txt')).toBe(false)
})
