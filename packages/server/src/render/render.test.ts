import { memory } from '@filegate/core'
import { afterEach, describe, expect, test } from 'vitest'
import type { Settings } from '../settings.ts'
import { folderApp, type ReadingApp, storageApp } from '../testing/reading-app.ts'

const opened: ReadingApp[] = []
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close()
})

const files = {
  'index.html': '<script src="app.js"></script>home',
  'app.js': '1',
  'docs/index.html': 'docs',
  'plain/a.txt': 'a',
}

function serve(render: Partial<Settings['render']>, pathPrefix = ''): ReadingApp {
  const settings = { render: { index: false, tryIndex: false, spa: false, ...render }, pathPrefix }
  const app = folderApp(files, { settings })
  opened.push(app)
  return app
}

async function seen(app: ReadingApp, target: string): Promise<readonly [number, string]> {
  const response = await app.get(target)
  return [response.status, await response.text()]
}

describe('--render-index', () => {
  test('shows the index of a directory, and 404 where there is none', async () => {
    const app = serve({ index: true })
    expect(await seen(app, '/docs/')).toEqual([200, 'docs'])
    expect((await app.get('/plain/')).status).toBe(404)
    expect((await app.get('/missing')).status).toBe(404)
  })

  test('serves the site so that its scripts run', async () => {
    const response = await serve({ index: true }).get('/')
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toBeNull()
  })

  test('sends the reader to the address that relative links are right for', async () => {
    const response = await serve({ index: true }, '/site').get('/site/docs?a=1&b=%26&a=2')
    expect([response.status, response.headers.get('location')]).toEqual([301, '/site/docs/?a=1&b=%26&a=2'])
  })

  test('leaves every view that is asked for, and programs, as they are', async () => {
    const app = serve({ index: true })
    expect((await app.get('/plain/?json')).headers.get('content-type')).toContain('json')
    expect(await seen(app, '/plain/?simple')).toEqual([200, 'a.txt\n'])
    expect((await app.get('/api/v1/files/plain')).status).toBe(200)
  })
})

test('--render-try-index shows the listing where there is no index', async () => {
  const app = serve({ tryIndex: true })
  expect(await seen(app, '/docs/')).toEqual([200, 'docs'])
  expect((await seen(app, '/plain/'))[1]).toContain('>a.txt<')
})

describe('--render-spa', () => {
  test('answers paths at which there is nothing with the page of the application', async () => {
    const app = serve({ spa: true })
    for (const path of ['/', '/users', '/users/7/edit', '/plain/']) {
      expect(await seen(app, path)).toEqual([200, files['index.html']])
    }
    expect(await seen(app, '/app.js')).toEqual([200, '1'])
    expect(await seen(app, '/docs/')).toEqual([200, 'docs'])
  })

  test('does not hide that a file is missing, nor answer programs with a page', async () => {
    const app = serve({ spa: true })
    for (const path of ['/missing.js', '/users/logo.png', '/api/v1/files/users', '/users?json', '/users?stat']) {
      expect((await app.get(path)).status).toBe(404)
    }
  })

  test('works on a storage elsewhere, and without a page says that it is missing', async () => {
    const settings = { render: { index: false, tryIndex: false, spa: true } }
    const app = storageApp(memory({ 'index.html': 'app' }), { settings })
    const none = storageApp(memory({ 'a.txt': '' }), { settings })
    opened.push(app, none)
    expect(await seen(app, '/users')).toEqual([200, 'app'])
    expect((await none.get('/users')).status).toBe(404)
  })
})
