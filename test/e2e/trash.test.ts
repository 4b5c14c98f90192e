import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { parsePath } from '@filegate/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { killStarted, start as startProgram } from './command-line.ts'
import { allowAll, type Serving, serve } from './serving.ts'

const day = 86_400_000
const trash = { age: 30 * day }
let server: Serving
const start = async (...[tree, changes]: Parameters<typeof serve>): Promise<Serving> =>
  (server = await serve(tree, { trash, ...changes }))
afterEach(async () => {
  // They work in the folder that goes with the server.
  await killStarted()
  await server.stop()
})

interface Listed {
  readonly items: readonly { readonly id: string; readonly path: string; readonly deleted_by: string | null }[]
  readonly has_more: boolean
  readonly next_after: string | null
}
const api = '/api/v1/files'
const ask = async (method: string, path: string, init?: RequestInit) => server.fetch(path, { ...init, method })
const status = async (...asked: Parameters<typeof ask>): Promise<number> => (await ask(...asked)).status
const text = async (path: string): Promise<string> => (await server.fetch(path)).text()
const listed = async (search = '', init?: RequestInit): Promise<Listed> =>
  (await (await server.fetch(`/api/v1/trash${search}`, init)).json()) as Listed
const paths = async (init?: RequestInit) => (await listed('', init)).items.map(({ path }) => path)
const as = (user: string) => ({ headers: { authorization: `Basic ${btoa(`${user}:secret`)}` } })
const kept = (): string[] => readdirSync(join(server.folder, '.filegate-trash'))

describe('with --trash', () => {
  it('deletes for good where that is asked for', async () => {
    await start({ 'a.txt': 'a', 'box/b.txt': 'b' })
    expect(await status('DELETE', '/a.txt?permanent')).toBe(204)
    expect(await status('DELETE', `${api}/box?permanent=1`)).toBe(204)
    expect(await paths()).toEqual([])
    expect(await status('POST', `${api}/a.txt?restore`)).toBe(404)
  })

  it('brings back what was deleted, on both surfaces, with the bytes, the time and all that a folder held', async () => {
    await start({ 'notes/plan.txt': 'the plan', 'notes/deep/er/a.txt': 'a', 'notes/empty/': '' })
    const { mtimeMs } = statSync(join(server.folder, 'notes/plan.txt'))
    expect(await status('DELETE', '/notes')).toBe(204)
    expect(await status('GET', '/notes/plan.txt')).toBe(404)
    expect(await listed()).toMatchObject({
      items: [{ path: '/notes', kind: 'directory', size: null, deleted_by: null, deleted_at: expect.any(Number) }],
      count: 1,
      has_more: false,
      next_after: null,
    })
    const back = await ask('POST', `${api}/notes?restore`)
    expect(back.status).toBe(201)
    expect(await back.json()).toMatchObject({ success: true, path: '/notes', from: 'trash' })
    expect(await text('/notes/deep/er/a.txt')).toBe('a')
    expect(existsSync(join(server.folder, 'notes/empty'))).toBe(true)
    expect(statSync(join(server.folder, 'notes/plan.txt')).mtimeMs).toBe(mtimeMs)
    expect(kept()).toEqual([])

    expect(await status('DELETE', `${api}/notes/plan.txt`)).toBe(204)
    rmSync(join(server.folder, 'notes'), { recursive: true })
    expect(await status('POST', `${api}/notes/plan.txt?restore`)).toBe(201)
    expect(await text('/notes/plan.txt')).toBe('the plan')
  })

  it('brings back the newest, or the one that is named, and never over something', async () => {
    await start({ 'a.txt': 'one' })
    await ask('DELETE', '/a.txt')
    const [first] = (await listed()).items
    await ask('PUT', '/a.txt', { body: 'two' })
    await ask('DELETE', '/a.txt')
    await ask('PUT', '/a.txt', { body: 'three' })
    expect(await status('POST', `${api}/a.txt?restore`)).toBe(409)
    expect(await text('/a.txt')).toBe('three')
    await ask('DELETE', '/a.txt')
    await ask('POST', `${api}/a.txt?restore`)
    expect(await text('/a.txt')).toBe('three')
    await ask('DELETE', '/a.txt')
    expect(await status('POST', `${api}/b.txt?restore=${first?.id}`)).toBe(404)
    expect(await status('POST', `${api}/a.txt?restore=../../a.txt`)).toBe(404)
    expect(await status('POST', `${api}/a.txt?restore=${first?.id}`)).toBe(201)
    expect(await text('/a.txt')).toBe('one')
    expect(await paths()).toEqual(['/a.txt', '/a.txt'])
  })

  it('knows the newest, also of what was deleted within one millisecond', async () => {
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now())
    try {
      await start({})
      const names = ['a', 'b', 'a', 'c', 'a', 'b']
      for (const [order, name] of names.entries()) {
        await ask('PUT', `/${name}`, { body: `${order}` })
        expect(await status('DELETE', `/${name}`)).toBe(204)
      }
      expect(await paths()).toEqual(names.toReversed().map((name) => `/${name}`))
      expect(await status('POST', `${api}/a?restore`)).toBe(201)
      expect(await text('/a')).toBe('4')
    } finally {
      clock.mockRestore()
    }
  })

  it('says 404 where nothing was deleted, and keeps conditions on deleting', async () => {
    await start({ 'a.txt': 'one' })
    expect(await status('POST', `${api}/never.txt?restore`)).toBe(404)
    expect(await status('DELETE', '/never.txt')).toBe(404)
    expect(await status('DELETE', '/a.txt', { headers: { 'if-match': '"other"' } })).toBe(412)
    expect(await listed()).toMatchObject({ items: [] })
    expect(await status('POST', `${api}/?restore`)).toBe(400)
  })

  it('shows the trash in no view, and lets nobody into it', async () => {
    await start({ 'a.txt': 'needle', 'sub/b.txt': 'needle' })
    await ask('DELETE', '/a.txt')
    const [id = ''] = kept().filter((name) => !name.endsWith('.json'))
    for (const view of [
      '?json',
      '?simple',
      '?glob=**',
      '?glob=**&hidden',
      '?grep=needle',
      '?grep=needle&hidden',
      '?grep=needle&hidden&no_ignore',
      '?view',
    ]) {
      const seen = await text(`/${view}`)
      expect.soft(seen, view).not.toContain('filegate-trash')
      expect.soft(seen, view).not.toContain(id)
    }
    const zip = Buffer.from(await (await server.fetch('/?zip')).arrayBuffer()).toString('latin1')
    expect(zip).toContain('sub/b.txt')
    expect(zip).not.toContain('filegate-trash')
    for (const path of [
      '/.filegate-trash',
      `/.filegate-trash/${id}`,
      `/.filegate-trash/${id}?stat`,
      '/sub/../.filegate-trash/',
    ]) {
      for (const method of ['GET', 'DELETE']) expect.soft(await status(method, path)).toBeGreaterThanOrEqual(400)
      expect.soft(await status('PUT', path, { body: 'x' })).toBeGreaterThanOrEqual(400)
      expect.soft(await status('POST', `${api}/c?copy_to=${path}`)).toBeGreaterThanOrEqual(400)
    }
    expect(await status('POST', `${api}/.filegate-trash/${id}?move_to=/x`)).toBe(404)
    expect(statSync(join(server.folder, '.filegate-trash')).mode & 0o777).toBe(0o700)
    expect(await (await server.fetch('/?stat')).json()).toMatchObject({ size: 1 })
    expect(kept()).toHaveLength(2)
  })

  it('lists a page at a time and is emptied, one thing or all', async () => {
    await start({ a: '1', b: '2', c: '3' })
    for (const name of ['a', 'b', 'c']) await ask('DELETE', `/${name}`)
    const first = await listed('?limit=2')
    expect([first.items.length, first.has_more]).toEqual([2, true])
    const rest = await listed(`?limit=2&after=${first.next_after}`)
    expect([rest.items.length, rest.has_more]).toEqual([1, false])
    expect([...first.items, ...rest.items].map(({ path }) => path).toSorted()).toEqual(['/a', '/b', '/c'])
    expect(await status('GET', '/api/v1/trash?after=x')).toBe(400)
    expect(await status('DELETE', `/api/v1/trash/${rest.items[0]?.id}`)).toBe(204)
    expect(await status('DELETE', `/api/v1/trash/${rest.items[0]?.id}`)).toBe(404)
    expect(await status('DELETE', '/api/v1/trash/..%2fa')).toBe(404)
    expect(await status('DELETE', '/api/v1/trash', { headers: { 'sec-fetch-site': 'cross-site' } })).toBe(403)
    expect(await (await ask('DELETE', '/api/v1/trash')).json()).toEqual({ success: true, removed: 2 })
    expect(kept()).toEqual([])
  })

  it('holds rights at the place where something stood', async () => {
    const grant = (path: string, level: 'read' | 'write') => ({ path: parsePath(path), level })
    await start(
      { 'ann/a.txt': 'a', 'team/t.txt': 't', 'bob/b.txt': 'b', 'team/.hidden': 'h' },
      {
        hidden: ['.*'],
        accounts: [
          { user: 'ann', password: 'secret', paths: [grant('ann', 'write'), grant('team', 'read')] },
          { user: 'bob', password: 'secret', paths: [grant('bob', 'write'), grant('team', 'write')] },
          { user: 'root', password: 'secret', paths: [grant('', 'write')] },
        ],
      },
    )
    expect(await status('DELETE', '/bob/b.txt', as('bob'))).toBe(204)
    expect(await status('DELETE', '/team/t.txt', as('bob'))).toBe(204)
    expect(await status('DELETE', '/ann/a.txt', as('ann'))).toBe(204)
    expect(await status('DELETE', '/team/.hidden', as('bob'))).toBe(403)
    expect(await status('GET', '/api/v1/trash')).toBe(401)
    expect((await listed('', as('ann'))).items).toMatchObject([
      { path: '/ann/a.txt', deleted_by: 'ann' },
      { path: '/team/t.txt', deleted_by: 'bob' },
    ])
    expect(await paths(as('root'))).toHaveLength(3)
    const [, team] = (await listed('', as('ann'))).items
    expect(await status('POST', `${api}/team/t.txt?restore`, as('ann'))).toBe(403)
    expect(await status('POST', `${api}/bob/b.txt?restore`, as('ann'))).toBe(403)
    expect(await status('POST', `${api}/ann/b.txt?restore=${team?.id}`, as('ann'))).toBe(404)
    expect(await status('DELETE', `/api/v1/trash/${team?.id}`, as('ann'))).toBe(403)
    expect(await (await ask('DELETE', '/api/v1/trash', as('ann'))).json()).toMatchObject({ removed: 1 })
    expect(await status('DELETE', '/api/v1/trash', as('ann'))).toBe(403)
    expect(await status('POST', `${api}/bob/b.txt?restore`, as('bob'))).toBe(201)
    expect(await (await server.fetch('/bob/b.txt', as('bob'))).text()).toBe('b')
  })

  it('needs the features: uploading to bring back, deleting to empty', async () => {
    await start({ 'a.txt': 'a' }, { allow: { ...allowAll, symlink: false, upload: false } })
    await ask('DELETE', '/a.txt')
    expect(await status('POST', `${api}/a.txt?restore`)).toBe(403)
    await server.stop()
    await start({ 'a.txt': 'a' }, { allow: { ...allowAll, symlink: false, delete: false } })
    expect(await status('DELETE', '/api/v1/trash')).toBe(403)
  })

  it('takes links, and not what they lead to', async () => {
    await start({ 'real/x.txt': 'x' })
    mkdirSync(join(server.folder, 'links'))
    symlinkSync('../real', join(server.folder, 'links/to-real'))
    expect(await status('DELETE', '/links/to-real')).toBe(204)
    expect(await text('/real/x.txt')).toBe('x')
    expect(await status('POST', `${api}/links/to-real?restore`)).toBe(201)
    expect(await text('/links/to-real/x.txt')).toBe('x')
    expect(await status('DELETE', '/links/to-real/x.txt')).toBe(204)
    expect(await paths()).toEqual(['/real/x.txt'])
    expect(await status('POST', `${api}/links/to-real/x.txt?restore`)).toBe(201)
    expect(await text('/real/x.txt')).toBe('x')
  })

  it.runIf(existsSync('/dev/shm'))('takes what stands on another file system, too', async () => {
    const elsewhere = mkdtempSync('/dev/shm/filegate-')
    try {
      await start({}, { allow: { ...allowAll, symlink: true } })
      mkdirSync(join(elsewhere, 'box/deep'), { recursive: true })
      writeFileSync(join(elsewhere, 'box/deep/a.txt'), 'a')
      symlinkSync(elsewhere, join(server.folder, 'other'))
      expect(await status('DELETE', '/other/box')).toBe(204)
      expect(readdirSync(elsewhere)).toEqual([])
      expect(await paths()).toEqual(['/other/box'])
      expect(await status('POST', `${api}/other/box?restore`)).toBe(201)
      expect(readFileSync(join(elsewhere, 'box/deep/a.txt'), 'utf8')).toBe('a')
      expect(kept()).toEqual([])
    } finally {
      rmSync(elsewhere, { recursive: true })
    }
  })

  it('is not led away by a link in the place of the trash', async () => {
    await start({ 'a.txt': 'a', 'elsewhere/': '' })
    symlinkSync('elsewhere', join(server.folder, '.filegate-trash'))
    expect(await status('DELETE', '/a.txt')).toBe(409)
    expect(await text('/a.txt')).toBe('a')
    expect(readdirSync(join(server.folder, 'elsewhere'))).toEqual([])
  })

  it('forgets at the start what has been there for long enough, and what crashes left', async () => {
    const id = (at: number, key: string) => `${at.toString(16).padStart(12, '0')}-${key.repeat(16)}-00000000`
    const note = JSON.stringify({ path: 'a', kind: 'file', size: 1, deleted_by: null })
    const old = id(Date.now() - 31 * day, 'a')
    const young = id(Date.now() - 29 * day, 'b')
    const noteOnly = id(Date.now() - day, 'c')
    const now = id(Date.now(), 'd')
    const tree = Object.fromEntries(
      [old, young].flatMap((name) => [
        [`.filegate-trash/${name}`, 'x'],
        [`.filegate-trash/${name}.json`, note],
      ]),
    )
    await start({ ...tree, [`.filegate-trash/${noteOnly}.json`]: note, [`.filegate-trash/${now}.json`]: note })
    await expect.poll(() => kept().toSorted()).toEqual([young, `${young}.json`, `${now}.json`].toSorted())
    expect((await listed()).items.map((item) => item.id)).toEqual([young])
  })

  it('is the same for several processes, which tidy it up together', async () => {
    const id = (number: number) => `000000000001-${'a'.repeat(16)}-${String(number).padStart(8, '0')}`
    const note = JSON.stringify({ path: 'a', kind: 'file', size: 1, deleted_by: null })
    const old = Array.from({ length: 40 }, (_, number) => [id(number), `${id(number)}.json`]).flat()
    await start(Object.fromEntries(old.map((name) => [`.filegate-trash/${name}`, note])), { trash: undefined })
    const options = ['--port', '0', '--allow-all', '--trash', '--workers', '2', '--data-dir', `${server.folder}-data`]
    const { addresses, errors } = await startProgram([server.folder, ...options])
    await expect.poll(kept, { timeout: 10_000 }).toEqual([])
    const [origin = ''] = addresses
    for (let round = 0; round < 10; round++) {
      const once = async (method: string, path: string): Promise<number> =>
        (await fetch(new URL(path, origin), { method, headers: { connection: 'close' } })).status
      await once('PUT', '/b.txt')
      expect(await once('DELETE', '/b.txt')).toBe(204)
      expect(await once('POST', `${api}/b.txt?restore`)).toBe(201)
    }
    expect(errors()).toBe('')
  })

  it('loses nothing when the server is killed while it deletes and brings back', async () => {
    const files = Array.from({ length: 60 }, (_, number) => `${number}/file.txt`)
    await start(Object.fromEntries(files.map((name) => [name, name])), { trash: undefined })
    const options = ['--port', '0', '--allow-all', '--trash', '--data-dir', join(server.folder, '../data')]
    const { addresses, process, ended } = await startProgram([server.folder, ...options])
    let answered = 0
    const work = files.map(async (name, number) => {
      const path = number % 2 === 0 ? name : name.slice(0, name.indexOf('/'))
      await fetch(new URL(`/${path}`, addresses[0]), { method: 'DELETE' })
      if (++answered === 20) process.kill('SIGKILL')
      await fetch(new URL(`${api}/${path}?restore`, addresses[0]), { method: 'POST' })
    })
    await Promise.allSettled(work)
    await ended
    const again = await startProgram([server.folder, ...options])
    const { items } = (await (await fetch(new URL('/api/v1/trash?limit=1000', again.addresses[0]))).json()) as Listed
    const inTrash = new Set(items.map(({ path }) => path))
    for (const name of files) {
      const isThere = existsSync(join(server.folder, name))
      const isKept = inTrash.has(`/${name}`) || inTrash.has(`/${name.slice(0, name.indexOf('/'))}`)
      expect(isThere !== isKept, name).toBe(true)
    }
    for (const { path, id } of items) {
      const url = new URL(`${api}${path}?restore=${id}`, again.addresses[0])
      expect((await fetch(url, { method: 'POST' })).status).toBe(201)
    }
    for (const name of files) expect(readFileSync(join(server.folder, name), 'utf8')).toBe(name)
  })

  it('lets one of two win who bring back the same thing', async () => {
    await start({ 'a.txt': 'a' })
    await ask('DELETE', '/a.txt')
    const answers = await Promise.all(Array.from({ length: 6 }, () => status('POST', `${api}/a.txt?restore`)))
    expect(answers.filter((answer) => answer === 201)).toHaveLength(1)
    expect(answers.filter((answer) => answer !== 201).every((answer) => answer === 409 || answer === 404)).toBe(true)
    expect(await text('/a.txt')).toBe('a')
  })
})

describe('the journal and deleting', () => {
  const journal = { allow: { ...allowAll, symlink: false, journal: true } }
  interface Told {
    readonly entries: readonly { readonly op: string; readonly path: string }[]
  }
  const told = async (): Promise<string[]> => {
    const answer = (await (await server.fetch('/api/v1/journal')).json()) as Told
    return answer.entries.map(({ op, path }) => `${op} ${path}`)
  }

  it('tells of what went to the trash and came back', async () => {
    await start({}, journal)
    await ask('PUT', '/box/a.txt', { body: 'a' })
    await ask('DELETE', '/box')
    await ask('POST', `${api}/box?restore`)
    expect(await told()).toEqual([
      'mkdir /box',
      'create /box/a.txt',
      'dir_deleted /box',
      'delete /box/a.txt',
      'mkdir /box',
      'create /box/a.txt',
    ])
    await ask('POST', '/api/v1/journal/flush')
    expect((await told()).some((line) => line.includes('filegate-trash'))).toBe(false)
  })

  it('brings back what was deleted last, whichever of the two has it', async () => {
    await start({}, journal)
    const flush = () => ask('POST', '/api/v1/journal/flush')
    await ask('PUT', '/a.txt', { body: 'one' })
    await ask('DELETE', '/a.txt')
    const [first] = (await listed()).items
    await flush()
    writeFileSync(join(server.folder, 'a.txt'), 'two')
    await flush()
    rmSync(join(server.folder, 'a.txt'))
    await flush()
    expect(await (await ask('POST', `${api}/a.txt?restore`)).json()).toMatchObject({ from: 'journal' })
    expect(await text('/a.txt')).toBe('two')
    await ask('DELETE', '/a.txt')
    expect(await (await ask('POST', `${api}/a.txt?restore`)).json()).toMatchObject({ from: 'trash' })
    expect(await text('/a.txt')).toBe('two')
    rmSync(join(server.folder, 'a.txt'))
    await flush()
    expect(await status('POST', `${api}/a.txt?restore=${first?.id}`)).toBe(201)
    expect(await text('/a.txt')).toBe('one')
  })

  it('brings back the time of a file', async () => {
    await start({}, { ...journal, trash: undefined })
    await ask('PUT', '/box/a.txt', { body: 'one', headers: { 'x-oc-mtime': '1600000000' } })
    await ask('DELETE', '/box')
    expect(await status('POST', `${api}/box?restore`)).toBe(201)
    expect(statSync(join(server.folder, 'box/a.txt')).mtimeMs).toBe(1_600_000_000_000)
  })

  it('brings back without a trash what a file held last', async () => {
    await start({}, { ...journal, trash: undefined })
    await ask('PUT', '/a.txt', { body: 'one' })
    await ask('PUT', '/a.txt', { body: 'two' })
    expect(await status('POST', `${api}/a.txt?restore`)).toBe(409)
    expect(await status('PATCH', `${api}/a.txt?chmod=640`)).toBe(200)
    await ask('DELETE', '/a.txt')
    const back = await ask('POST', `${api}/a.txt?restore`)
    expect([back.status, await back.json()]).toMatchObject([201, { from: 'journal', path: '/a.txt' }])
    expect(await text('/a.txt')).toBe('two')
    expect((await told()).slice(-2)).toEqual(['create /a.txt', 'chmod /a.txt'])
    expect(statSync(join(server.folder, 'a.txt')).mode & 0o777).toBe(0o640)
    expect(await status('POST', `${api}/never?restore`)).toBe(404)
    expect(await status('POST', `${api}/a.txt?restore=000000000000-0000000000000000-00000000`)).toBe(409)
    await ask('POST', `${api}/a.txt?move_to=/b.txt`)
    const moved = await ask('POST', `${api}/a.txt?restore`)
    expect([moved.status, await moved.text()]).toEqual([404, expect.stringContaining('moved')])
  })

  it('brings back a folder with what was in it when it was deleted, and names what it does not have', async () => {
    await start({}, { ...journal, trash: undefined })
    for (const name of ['keep/a.txt', 'keep/deep/b.txt', 'keep/before.txt', 'keep/empty.txt']) {
      await ask('PUT', `/${name}`, { body: name.includes('empty') ? '' : name })
    }
    await ask('POST', `${api}/keep/none?mkdir`)
    await ask('PUT', '/keep/large.bin', { body: Buffer.alloc(3_000_000) })
    await ask('DELETE', '/keep/before.txt')
    await ask('DELETE', '/keep')
    const back = await ask('POST', `${api}/keep?restore`)
    expect([back.status, await back.json()]).toMatchObject([201, { missing: ['/keep/large.bin'] }])
    expect(readdirSync(join(server.folder, 'keep')).toSorted()).toEqual(['a.txt', 'deep', 'empty.txt', 'none'])
    expect(await text('/keep/deep/b.txt')).toBe('keep/deep/b.txt')
    await ask('PUT', '/large.bin', { body: Buffer.alloc(3_000_000) })
    await ask('DELETE', '/large.bin')
    expect(await status('POST', `${api}/large.bin?restore`)).toBe(422)
  })

  it('brings back all of a folder of more files than are read in one go', async () => {
    const files = Array.from({ length: 1100 }, (_, number) => `box/${number % 7}/${number}`)
    const tree = Object.fromEntries(files.map((name) => [name, name]))
    await start(tree, { ...journal, trash: undefined, sync: false })
    await ask('POST', '/api/v1/journal/flush')
    await ask('DELETE', '/box')
    const back = await ask('POST', `${api}/box?restore`)
    expect([back.status, Object.hasOwn((await back.json()) as object, 'missing')]).toEqual([201, false])
    for (const name of files) expect(readFileSync(join(server.folder, name), 'utf8')).toBe(name)
  })

  it('brings back what another program deleted', async () => {
    await start({}, { ...journal, trash: undefined })
    mkdirSync(join(server.folder, 'box/deep'), { recursive: true })
    for (const name of ['a', 'b', 'deep/c']) writeFileSync(join(server.folder, 'box', name), name)
    await ask('POST', '/api/v1/journal/flush')
    rmSync(join(server.folder, 'box'), { recursive: true })
    await ask('POST', '/api/v1/journal/flush')
    expect(await status('POST', `${api}/box?restore`)).toBe(201)
    expect(readFileSync(join(server.folder, 'box/deep/c'), 'utf8')).toBe('deep/c')
    expect(readdirSync(join(server.folder, 'box')).toSorted()).toEqual(['a', 'b', 'deep'])
  })

  it('says how to have it where nothing is kept', async () => {
    await start({ 'a.txt': 'a' }, { trash: undefined })
    await ask('DELETE', '/a.txt')
    const answer = await ask('POST', `${api}/a.txt?restore`)
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('--trash')])
    expect(await status('GET', '/api/v1/trash')).toBe(404)
  })
})
