import { afterEach, expect, it } from 'vitest'
import { folderApp, type ReadingApp } from '../testing/reading-app.ts'

let app: ReadingApp | undefined
afterEach(() => app?.close())

it('outside the prefix there is nothing, whatever the method', async () => {
  app = folderApp({ 'a.txt': 'a' }, { settings: { pathPrefix: '/files' } })
  for (const method of ['GET', 'PUT', 'DELETE', 'PROPFIND']) {
    for (const target of ['/a.txt', '/filesa.txt', '/api/v1/files/a.txt']) {
      expect([method, target, (await app.send(method, target)).status]).toEqual([method, target, 404])
    }
  }
  const refused = await app.send('PROPFIND', '/files/a.txt')
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  expect((await app.send('PROPFIND', '/files')).status).toBe(405)
})
