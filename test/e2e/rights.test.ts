import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { parsePath } from '@filegate/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { zipOf } from './stored-zip.ts'
import { rawRequest, type Serving, serve } from './serving.ts'

/** No answer to somebody who may not read /private may hold this: it is in names and contents there, and nowhere else. */
const secret = 'TOPSECRET'

const tree = {
  'top.txt': 'needle top',
  'public/open.txt': 'needle public',
  'team/plan.txt': 'needle team',
  'team/deep/more.txt': 'needle deep',
  'mixed/open/shared.txt': 'needle shared',
  [`mixed/closed/${secret}.txt`]: `needle ${secret}`,
  [`mixed/${secret}-beside.txt`]: `needle ${secret}`,
  [`private/${secret}.txt`]: `needle ${secret}`,
  [`private/${secret}/deep.txt`]: `needle ${secret}`,
  'private/box.zip': zipOf({ [`${secret}.txt`]: `needle ${secret}` }),
  'team/box.zip': zipOf({ 'plan.txt': 'needle boxed' }),
}

/** ann may do everything, bob what is in /team and /mixed/open; `null` is a stranger. All may read /public. */
type User = 'ann' | 'bob' | null

const grant = (path: string, level: 'read' | 'write') => ({ path: parsePath(path), level })

let server: Serving
beforeAll(async () => {
  server = await serve(tree, {
    compress: 'none',
    accounts: [
      { user: 'ann', password: 'pw', paths: [grant('', 'write')] },
      { user: 'bob', password: 'pw', paths: [grant('team', 'write'), grant('mixed/open', 'read')] },
      { paths: [grant('public', 'read')] },
    ],
  })
})
afterAll(() => server.stop())

interface Seen {
  readonly status: number
  /** Head and body, as Latin-1 so that every byte is there. */
  readonly text: string
}

async function ask(user: User, target: string, options: { method?: string; range?: string } = {}): Promise<Seen> {
  const headers = {
    ...(user && { authorization: `Basic ${Buffer.from(`${user}:pw`).toString('base64')}` }),
    ...(options.range && { range: options.range }),
  }
  const {
    status,
    headers: answered,
    body,
  } = await rawRequest(server.origin, target, {
    method: options.method ?? 'GET',
    headers,
  })
  return { status, text: `${JSON.stringify(answered)}\n${body.toString('latin1')}` }
}

const surfaces = ['', '/api/v1/files'] as const

/** Every view, on files and on folders alike: some do not fit, and must not tell anything by that either. */
const views = [
  '',
  '?json',
  '?simple',
  '?edit',
  '?view',
  '?download',
  '?content-type=text/plain',
  '?stat',
  '?hash',
  '?sha256',
  '?base64',
  '?lines=1-10',
  '?lines=-1',
  '?grep=needle',
  '?grep=needle&no_ignore&hidden',
  '?glob=**',
  '?glob=*&no_ignore&hidden',
  '?zip',
  '?preview',
  '?contents',
  `?preview=${secret}.txt`,
  '?thumbnail',
  '?sort=size&order=desc',
] as const

const forbidden = [
  '/private',
  '/private/',
  `/private/${secret}.txt`,
  `/private/${secret}/`,
  '/private/box.zip',
  '/mixed/closed',
  `/mixed/closed/${secret}.txt`,
  `/mixed/${secret}-beside.txt`,
  '/top.txt',
]

/** What a refusal says, without the path that was asked for anyway. */
const withoutTarget = (text: string): string =>
  text.replaceAll(/"(?:date|content-length)":"[^"]*"|\/(?:private|mixed|top)[^"\s]*/g, '')

describe.each(surfaces)('on the surface %j', (surface) => {
  describe.each(views)('the view %j', (view) => {
    test.each([null, 'bob'] as const)('tells %s nothing about what is forbidden', async (user) => {
      for (const target of forbidden) {
        const seen = await ask(user, `${surface}${target}${view}`)
        expect([target, seen.status]).toEqual([target, user ? 403 : 401])
        const asked = await ask(user, `${surface}/private/no-such-thing${view}`)
        expect(withoutTarget(seen.text)).toBe(withoutTarget(asked.text))
      }
    })

    test('shows the root and a mixed folder to bob without what is forbidden in them', async () => {
      for (const folder of ['/', '/mixed', '/mixed/']) {
        const seen = await ask('bob', `${surface}${folder}${view}`)
        expect(seen.text).not.toContain(secret)
        expect(seen.text).not.toMatch(/closed|private|top\.txt/)
      }
    })

    test('shows the root to everybody without what is forbidden in it', async () => {
      const seen = await ask(null, `${surface}/${view}`)
      expect(seen.text).not.toContain(secret)
      expect(seen.text).not.toMatch(/closed|private|top\.txt|team|mixed/)
    })
  })

  test.each(['HEAD', 'OPTIONS', 'POST', 'PUT', 'PROPFIND'])(
    '%s tells nothing about what is forbidden',
    async (method) => {
      for (const target of forbidden) {
        const seen = await ask('bob', `${surface}${target}`, { method })
        const asked = await ask('bob', `${surface}/private/no-such-thing`, { method })
        expect(seen.status).toBe(asked.status)
        expect(withoutTarget(seen.text)).toBe(withoutTarget(asked.text))
      }
    },
  )

  test('a range is refused as the whole file is', async () => {
    expect(await ask('bob', `${surface}/private/box.zip`, { range: 'bytes=0-1' })).toMatchObject({ status: 403 })
    expect(await ask('bob', `${surface}/private/box.zip`, { range: 'bytes=99999-' })).toMatchObject({ status: 403 })
  })

  test.each([
    '/%70rivate',
    '/private%2Fbox.zip',
    '//private/box.zip',
    '/./private/box.zip',
    '/team//../private/box.zip',
    '/team/%2e%2e/private/box.zip',
    '/team/..%2fprivate/box.zip',
    '/team/.%2e/private',
    '/private/.',
    '/private//',
    '/%2fprivate',
    '/team/\\..\\private',
    '/public%00/../private',
  ])('no spelling leads there: %s', async (target) => {
    for (const user of [null, 'bob'] as const) {
      for (const view of ['', '?json', '?stat', '?zip', '?grep=needle', '?glob=**']) {
        const seen = await ask(user, `${surface}${target}${view}`)
        expect([400, 401, 403, 404]).toContain(seen.status)
        expect(seen.text).not.toContain(secret)
      }
    }
  })
})

describe('what is allowed is still there', () => {
  test.each([
    ['bob', '/?json', ['team', 'mixed', 'public']],
    ['bob', '/mixed?json', ['open']],
    ['bob', '/api/v1/files/?glob=**', ['plan.txt', 'more.txt', 'shared.txt', 'open.txt']],
    ['bob', '/api/v1/files/?grep=needle', ['needle team', 'needle deep', 'needle shared', 'needle public']],
    ['bob', '/?zip', ['team/deep/more.txt', 'mixed/open/shared.txt', 'public/open.txt', 'needle team']],
    ['bob', '/team/plan.txt', ['needle team']],
    ['bob', '/team/box.zip?preview', ['plan.txt']],
    ['bob', '/api/v1/files/mixed/open/shared.txt?lines=1', ['needle shared']],
    ['bob', '/api/v1/files/mixed?stat', ['"mixed"']],
    [null, '/?json', ['public']],
    [null, '/public/open.txt', ['needle public']],
    [null, '/public?zip', ['needle public']],
    [null, '/api/v1/files/?grep=needle', ['needle public']],
    ['ann', '/api/v1/files/?grep=needle', [`needle ${secret}`]],
    ['ann', '/api/v1/files/?glob=**', [`mixed/closed/${secret}.txt`]],
    ['ann', '/?zip', [`private/${secret}.txt`]],
    ['ann', '/private?json', [secret, 'box.zip']],
    ['ann', '/private/box.zip?preview', [secret]],
  ] as const)('%s at %s', async (user, target, expected) => {
    const seen = await ask(user, target)
    expect(seen.status).toBe(200)
    for (const text of expected) expect(seen.text).toContain(text)
  })

  test('a folder on the way does not tell how many things it holds', async () => {
    const { text } = await ask('bob', '/?json')
    const listing: { paths: { name: string; size: number | null }[] } = JSON.parse(text.slice(text.indexOf('\n') + 1))
    const mixed = listing.paths.find(({ name }) => name === 'mixed')
    expect(mixed?.size ?? 0).toBeLessThan(3)
  })

  test('search results count only what may be read', async () => {
    const answer = async (user: User, target: string) => {
      const { text } = await ask(user, target)
      return JSON.parse(text.slice(text.indexOf('\n') + 1))
    }
    expect(await answer('bob', '/api/v1/files/?grep=needle')).toMatchObject({
      total_matches: 4,
      total_files_matched: 4,
    })
    expect((await answer('bob', '/api/v1/files/?grep=needle')).total_files_searched).toBeLessThanOrEqual(5)
    expect((await answer(null, '/api/v1/files/?grep=needle')).total_files_searched).toBe(1)
    expect((await answer(null, '/api/v1/files/?glob=**')).total_scanned).toBeLessThanOrEqual(2)
  })
})

describe('hidden names', () => {
  let hiding: Serving
  beforeAll(async () => {
    hiding = await serve(
      {
        'seen.txt': 'needle seen',
        'note.hid': `needle ${secret}`,
        '.vault/inside.txt': `needle ${secret}-inside`,
        'folder/.vault/deep.txt': `needle ${secret}-deep`,
        'folder/seen.txt': 'needle too',
      },
      { hidden: ['*.hid', '.vault/'], compress: 'none' },
    )
  })
  afterAll(() => hiding.stop())

  test.each([
    '/',
    '/?json',
    '/?simple',
    '/?zip',
    '/?glob=**&hidden',
    '/api/v1/files/?glob=**&hidden&no_ignore',
    '/api/v1/files/?grep=needle&hidden&no_ignore',
    '/folder?json',
    '/folder?zip',
  ])('are left out of %s', async (target) => {
    const { status, body } = await rawRequest(hiding.origin, target)
    const text = body.toString('latin1')
    expect(status).toBe(200)
    expect(text).toContain('seen.txt')
    expect(text).not.toContain(secret)
    expect(text).not.toMatch(/\.vault|note\.hid/)
  })

  test('are not counted in the size of their folder', async () => {
    const { body } = await rawRequest(hiding.origin, '/?json')
    const listing: { paths: { name: string; size: number }[] } = JSON.parse(body.toString())
    expect(listing.paths.find(({ name }) => name === 'folder')?.size).toBe(1)
  })

  test.each(['/note.hid', '/.vault/inside.txt', '/folder/.vault/deep.txt'])(
    'are read by their exact name: %s',
    async (target) => {
      const { status, body } = await rawRequest(hiding.origin, target)
      expect(status).toBe(200)
      expect(body.toString()).toContain(secret)
    },
  )

  test('are listed when the hidden folder itself is asked for', async () => {
    const { body } = await rawRequest(hiding.origin, '/.vault?json')
    expect(body.toString()).toContain('inside.txt')
  })
})

describe('links inside the root', () => {
  let linked: Serving
  beforeAll(async () => {
    linked = await serve(
      {
        'public/open.txt': 'needle public',
        'public/folder/more.txt': 'needle more',
        [`private/${secret}.txt`]: `needle ${secret}`,
        'private/box.zip': zipOf({ [`${secret}.txt`]: `needle ${secret}` }),
        'private/index.html': secret,
        'team/plan.txt': 'needle team',
        [`team/${secret}/deep.txt`]: `needle ${secret}`,
        'releases/7/app.txt': 'needle release',
        [`releases/6/${secret}.txt`]: secret,
      },
      {
        compress: 'none',
        accounts: [
          { user: 'ann', password: 'pw', paths: [grant('', 'write')] },
          { user: 'bob', password: 'pw', paths: [grant('current', 'read'), grant('team/plan.txt', 'read')] },
          { paths: [grant('public', 'read')] },
        ],
      },
    )
    const link = (target: string, name: string) => symlinkSync(target, join(linked.folder, name))
    link('../private', 'public/to-private')
    link(`../private/${secret}.txt`, 'public/to-file')
    link('../private/box.zip', 'public/to-box.zip')
    link('to-file', 'public/to-link')
    link('..', 'public/up')
    link('../../private/index.html', 'public/folder/index.html')
    link('../team', 'public/to-team')
    link('folder', 'public/to-folder')
    link('releases/7', 'current')
  })
  afterAll(() => linked.stop())

  const askLinked = async (user: User, target: string): Promise<Seen> => {
    const authorization = `Basic ${Buffer.from(`${user}:pw`).toString('base64')}`
    const { status, headers, body } = await rawRequest(
      linked.origin,
      target,
      user ? { headers: { authorization } } : {},
    )
    return { status, text: `${JSON.stringify(headers)}\n${body.toString('latin1')}` }
  }

  describe.each(surfaces)('on the surface %j', (surface) => {
    test.each(views)('the view %j finds nothing behind a link to what is forbidden', async (view) => {
      const behind = [
        'to-private',
        `to-private/${secret}.txt`,
        'to-file',
        'to-box.zip',
        'to-link',
        'up/private/box.zip',
      ]
      for (const user of [null, 'bob'] as const) {
        for (const path of [...behind, 'folder/index.html', 'to-team/x']) {
          const seen = await askLinked(user, `${surface}/public/${path}${view}`)
          const missing = await askLinked(user, `${surface}/public/no-such-thing${view}`)
          expect([path, seen.status]).toEqual([path, missing.status])
          expect(seen.text.replaceAll(path, '').replaceAll(encodeURI(path), '')).not.toContain(secret)
        }
      }
    })

    test.each(views)('the view %j of a folder with such links shows nothing of what is behind them', async (view) => {
      for (const folder of ['/public', '/public/up', '/public/folder', '/public/up/public/']) {
        const seen = await askLinked(null, `${surface}${folder}${view}`)
        expect(seen.text).not.toContain(secret)
        expect(seen.text).not.toMatch(/to-private|to-file|to-box|to-link|private|releases|plan\.txt/)
      }
      const seen = await askLinked('bob', `${surface}/public/to-team${view}`)
      expect(seen.text).not.toContain(secret)
    })
  })

  test.each([
    [null, '/public/to-folder/more.txt', ['needle more']],
    [null, '/public/to-folder?json', ['more.txt']],
    [null, '/public?json', ['to-folder', 'open.txt']],
    [null, '/public/up/public/open.txt', ['needle public']],
    [null, '/api/v1/files/public/up?glob=**', ['public/up/public/open.txt']],
    [null, '/api/v1/files/public/up?grep=needle', ['needle public', 'needle more']],
    [null, '/public/up?zip', ['needle public', 'needle more']],
    ['bob', '/public/to-team?json', ['plan.txt']],
    ['bob', '/public/to-team/plan.txt', ['needle team']],
    ['ann', '/public/to-file', [secret]],
    ['ann', '/public/up?json', ['private', 'team']],
  ] as const)('%s reaches what may be reached, through a link too: %s', async (user, target, expected) => {
    const seen = await askLinked(user, target)
    expect(seen.status).toBe(200)
    for (const text of expected) expect(seen.text).toContain(text)
  })

  test('a rule that names a link lets in to what is behind it, and to nothing beside that', async () => {
    for (const target of ['/current/app.txt', '/current?zip', '/api/v1/files/current?grep=needle']) {
      const seen = await askLinked('bob', target)
      expect([target, seen.status]).toEqual([target, 200])
      expect(seen.text).toContain('needle release')
    }
    expect((await askLinked('bob', '/?json')).text).toContain('"current"')
    expect((await askLinked('bob', '/releases/7/app.txt')).status).toBe(403)
    expect((await askLinked('bob', `/releases/6/${secret}.txt`)).status).toBe(403)
    expect((await askLinked(null, '/current/app.txt')).status).toBe(401)
  })

  test('the size of a folder behind a link counts only what may be reached', async () => {
    const { text } = await askLinked(null, '/public?json')
    const listing: { paths: { name: string; size: number | null }[] } = JSON.parse(text.slice(text.indexOf('\n') + 1))
    expect(listing.paths.find(({ name }) => name === 'up')?.size).toBe(1)
  })
})

describe('pages that stand in for what was asked for', () => {
  const pages = {
    'index.html': secret,
    'public/open.txt': 'open',
    'public/folder/': '',
    'private/index.html': secret,
    'private/own.txt': secret,
  }
  const accounts = [
    { user: 'ann', password: 'pw', paths: [grant('', 'write')] },
    { paths: [grant('public', 'read'), grant('private/own.txt', 'read')] },
  ]

  test.each([
    ['the page of an application', { spa: true, index: false, tryIndex: false }],
    ['an index', { spa: false, index: true, tryIndex: false }],
    ['an index, where there is one', { spa: false, index: false, tryIndex: true }],
  ] as const)('are not shown to who may not read them: %s', async (_, render) => {
    const site = await serve(pages, { render, accounts: [...accounts] })
    try {
      for (const target of ['/', '/public/', '/public/no-such-place', '/public/folder/', '/private/', '/private']) {
        const { body, headers } = await rawRequest(site.origin, target)
        expect(`${target} ${JSON.stringify(headers)} ${body.toString()}`).not.toContain(secret)
      }
      const authorization = `Basic ${Buffer.from('ann:pw').toString('base64')}`
      const { body } = await rawRequest(site.origin, '/', { headers: { authorization } })
      expect(body.toString()).toBe(secret)
    } finally {
      await site.stop()
    }
  })
})
