import { everything } from '../access/scope.ts'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@filegate/core'
import { afterEach, describe, expect, test } from 'vitest'
import { createAccountNames } from '../listing/account-names.ts'
import { folderApp, type ReadingApp, type ReadingAppOptions, storageApp } from '../testing/reading-app.ts'

const opened: ReadingApp[] = []
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close()
})

function serve(files: Readonly<Record<string, string>>, options: ReadingAppOptions = {}): ReadingApp {
  const app = folderApp(files, options)
  opened.push(app)
  return app
}

async function statOf(app: ReadingApp, target: string): Promise<unknown> {
  const response = await app.get(`${target}?stat`)
  expect(response.status).toBe(200)
  return response.json()
}

/** Who runs this need not have a name, or may have it from elsewhere than from this file. */
function accountOf(id: number): string {
  const lines = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : []
  return lines.map((line) => line.split(':')).find(([, , number]) => number === String(id))?.[0] ?? String(id)
}

test('a file is described by exactly the documented keys', async () => {
  const app = serve({ 'docs/a.txt': 'hello' })
  const file = join(app.folder, 'docs/a.txt')
  chmodSync(file, 0o640)
  utimesSync(file, 1_716_400_000, 1_716_400_000.25)
  const owner = accountOf(statSync(file).uid)
  expect(await statOf(app, '/api/v1/files/docs/a.txt')).toEqual({
    name: 'a.txt',
    path: '/docs/a.txt',
    path_type: 'File',
    size: 5,
    mtime: 1_716_400_000_250,
    permissions: '0640',
    owner,
    group: expect.any(String),
    is_symlink: false,
    symlink_target: null,
    revisions: null,
  })
})

test('special permission bits are part of the permissions', async () => {
  const app = serve({ 'dir/': '' })
  chmodSync(join(app.folder, 'dir'), 0o1777)
  expect(await statOf(app, '/dir')).toMatchObject({ path_type: 'Dir', permissions: '1777', size: 0 })
})

test('the root is a directory with the number of its entries', async () => {
  expect(await statOf(serve({ a: '', b: '', c: '' }), '/')).toMatchObject({ path: '/', path_type: 'Dir', size: 3 })
})

describe('a link', () => {
  test('is described by what it leads to, with its text', async () => {
    const app = serve({ 'dir/a.txt': 'hello', 'b/': '' })
    symlinkSync('../dir/a.txt', join(app.folder, 'b/link'))
    expect(await statOf(app, '/b/link')).toMatchObject({
      path_type: 'SymlinkFile',
      size: 5,
      is_symlink: true,
      symlink_target: '../dir/a.txt',
    })
  })

  test('does not tell what its text would reveal of the world outside', async () => {
    const app = serve({ 'a.txt': 'hello' })
    symlinkSync(join(app.folder, 'a.txt'), join(app.folder, 'absolute'))
    symlinkSync('../served/a.txt', join(app.folder, 'detour'))
    expect(await statOf(app, '/absolute')).toMatchObject({ is_symlink: true, symlink_target: null })
    expect(await statOf(app, '/detour')).toMatchObject({ is_symlink: true, symlink_target: null })
  })

  test('is judged from where it really stands', async () => {
    const app = serve({ 'deep/er/': '', 'flat/a.txt': '' })
    symlinkSync('../../flat', join(app.folder, 'deep/er/way'))
    symlinkSync('../../served/flat/a.txt', join(app.folder, 'flat/link'))
    expect(await statOf(app, '/deep/er/way/link')).toMatchObject({ is_symlink: true, symlink_target: null })
  })

  test('does not tell the name of what the caller may not reach', async () => {
    const app = serve(
      { 'open/': '', 'secret/a.txt': '' },
      {
        scope: {
          ...everything,
          user: null,
          unrestricted: false,
          level: (path) => (path.startsWith('secret') ? 'none' : 'read'),
          shows: () => true,
        },
      },
    )
    symlinkSync('../secret/a.txt', join(app.folder, 'open/link'))
    const response = await app.get('/open/link?stat')
    expect(await response.text()).not.toContain('secret')
  })
})

test('a storage that knows no owners says null', async () => {
  const app = storageApp(memory({ 'a.txt': 'hello' }))
  opened.push(app)
  expect(await statOf(app, '/a.txt')).toMatchObject({ size: 5, permissions: null, owner: null, group: null })
})

test('what a storage knows besides is told, where it tells it', async () => {
  const storage = memory({ 'a.txt': 'hello' })
  const metadata = { permissions: '[{"type":"anyone"}]' }
  const app = storageApp({ ...storage, stat: async (path) => ({ ...(await storage.stat(path)), metadata }) })
  opened.push(app)
  expect(await statOf(app, '/a.txt')).toMatchObject({ metadata })
})

test('what is missing is not found', async () => {
  expect((await serve({}).get('/nothing?stat')).status).toBe(404)
})

test('names of accounts are read again when their file changes, and unknown ones are numbers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'filegate-'))
  try {
    mkdirSync(join(folder, 'etc'))
    const passwd = join(folder, 'etc/passwd')
    const group = join(folder, 'etc/group')
    writeFileSync(
      passwd,
      'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\nsecond:x:1000:1::/:/bin/sh\nbroken\n',
    )
    let now = 0
    const names = createAccountNames({ passwd, group, now: () => now })
    expect([names.user(0), names.user(1000), names.user(7), names.group(0)]).toEqual(['root', 'alice', '7', '0'])
    writeFileSync(passwd, 'boss:x:0:0::/:/bin/sh\n')
    writeFileSync(group, 'wheel:x:0:boss\n')
    expect(names.user(0)).toBe('root')
    now += 1001
    expect([names.user(0), names.group(0)]).toEqual(['boss', 'wheel'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
