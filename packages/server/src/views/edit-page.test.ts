import { memory } from '@filegate/core'
import { afterEach, expect, test } from 'vitest'
import { folderApp, type ReadingApp } from '../testing/reading-app.ts'

let app: ReadingApp
afterEach(() => app.close())

test('a text on a backend is edited there', async () => {
  app = folderApp({}, { backends: { bck_1: memory({ 'deep/a b.txt': 'text' }) } })
  const page = await app.get('/api/v1/files/deep/a%20b.txt?edit&backend=bck_1')
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('data-url="/api/v1/files/deep/a%20b.txt?backend=bck_1"')
  expect((await app.get('/api/v1/files/deep?edit&backend=bck_1')).status).toBe(400)
})

test('the name and the path of a file are text on its page', async () => {
  app = folderApp({ '<b>"\'&.txt': 'x' })
  const page = await (await app.get('/%3Cb%3E%22%27%26.txt?edit')).text()
  expect(page).not.toContain('<b>')
  expect(page).toContain('data-url="/%3Cb%3E%22')
  const missing = await (await app.get('/%3Cscript%3E?edit')).text()
  expect(missing).not.toContain('<script>')
  expect(missing).toContain('&lt;script&gt;')
})
