import { collectBytes, parsePath, root } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connectFull, type Full, put, textAt } from './testing/full-driver.ts'
import { type SimulatedDropbox, startSimulatedDropbox } from './testing/simulated-dropbox.ts'

let service: SimulatedDropbox
let driver: Full
beforeAll(async () => {
  service = await startSimulatedDropbox({ parentCasing: 'lower' })
  driver = await connectFull(service, { pacer_min_sleep: '1ms' })
})
beforeEach(() => service.forget())
afterAll(() => service.close())

describe('a range', () => {
  it('is one of the vendor, in one call', async () => {
    service.seed({ '/ranged.txt': '0123456789' })
    expect(await textAt(driver, 'ranged.txt', { range: { start: 2, end: 5 } })).toBe('234')
    expect(await textAt(driver, 'ranged.txt', { range: { suffix: 3 } })).toBe('789')
    expect(await textAt(driver, 'ranged.txt', { range: { start: 7 } })).toBe('789')
    expect(service.requests.map(({ route, headers }) => [route, headers.range])).toEqual([
      ['files/download', 'bytes=2-4'],
      ['files/download', 'bytes=-3'],
      ['files/download', 'bytes=7-'],
    ])
  })

  it('of a file that has not changed is not what one is told', async () => {
    const { etag = '' } = await put(driver, 'unchanged', 'short')
    const conditions = { ifNoneMatch: [etag] }
    const reading = driver.read(parsePath('unchanged'), { range: { start: 100 }, conditions })
    await expect(reading).rejects.toMatchObject({ code: 'NotModified' })
  })
})

describe('revisions', () => {
  it('are told newest first, page by page, and read by their number', async () => {
    for (const text of ['one', 'two', 'three']) await put(driver, 'Revised/file', text)
    const first = await driver.revisions(parsePath('revised/FILE'), { limit: 2 })
    expect(first.items).toHaveLength(2)
    const second = await driver.revisions(parsePath('Revised/file'), { limit: 2, cursor: first.cursor })
    expect(second.cursor).toBeUndefined()
    const texts: string[] = []
    for (const { version } of [...first.items, ...second.items]) {
      texts.push(await textAt(driver, 'revised/file', { version }))
    }
    expect(texts).toEqual(['three', 'two', 'one'])
  })

  it('of another file are not given out, nor what is no revision', async () => {
    const secret = await put(driver, 'private/file', 'secret')
    await put(driver, 'public/file', 'for all')
    for (const version of [secret.version, '0'.repeat(20), 'id:abc', '../x', '']) {
      const reading = driver.read(parsePath('public/file'), { version })
      await expect(reading).rejects.toMatchObject({ code: 'NotFound' })
    }
  })

  it('of what stood there before it was moved away are given out', async () => {
    await put(driver, 'moving/from', 'first')
    await driver.move(parsePath('moving/from'), { destination: parsePath('moving/to') })
    await put(driver, 'moving/from', 'second')
    const { items } = await driver.revisions(parsePath('moving/from'))
    const texts = await Promise.all(items.map(({ version }) => textAt(driver, 'moving/from', { version })))
    expect(texts).toEqual(['second', 'first'])
  })

  it('of a file that was removed are not found', async () => {
    await put(driver, 'removed/file')
    await driver.remove(parsePath('removed/file'))
    await expect(driver.revisions(parsePath('removed/file'))).rejects.toMatchObject({ code: 'NotFound' })
  })
})

describe('a document of Paper', () => {
  const formats = new Map([
    ['html', Buffer.from('<p>content</p>')],
    ['markdown', Buffer.from('content')],
  ])

  it('has a type and no size, and is read as it is exported', async () => {
    service.addPaper('/Plan.paper', formats)
    const path = parsePath('Plan.paper')
    const entry = await driver.stat(path)
    expect(entry).toMatchObject({ kind: 'file', contentType: 'text/html' })
    expect(entry).not.toHaveProperty('size')
    expect(entry).not.toHaveProperty('hashes')
    const { entry: read, body } = await driver.read(path)
    expect([read, Buffer.from(await collectBytes(body)).toString()]).toMatchObject([{ size: 14 }, '<p>content</p>'])
    expect(await textAt(driver, 'Plan.paper', { range: { start: 3, end: 10 } })).toBe('content')
    expect(await textAt(driver, 'Plan.paper', { range: { suffix: 4 } })).toBe('</p>')
    const beyond = driver.read(path, { range: { start: 14 } })
    await expect(beyond).rejects.toMatchObject({ code: 'RangeNotSatisfiable' })
    const unchanged = driver.read(path, { conditions: { ifNoneMatch: ['*'] } })
    await expect(unchanged).rejects.toMatchObject({ code: 'NotModified' })
    await expect(driver.hash(path, { algorithm: 'dropbox' })).rejects.toMatchObject({ code: 'Unsupported' })
  })
})

describe('what the vendor restricts', () => {
  it('is refused for good, in words that say why', async () => {
    service.seed({ '/restricted.mp3': 'x' })
    service.restrict('/restricted.mp3')
    await expect(driver.read(parsePath('restricted.mp3'))).rejects.toMatchObject({
      code: 'AccessDenied',
      fate: 'permanent',
      message: expect.stringContaining('restricted'),
    })
  })
})

describe('a listing', () => {
  it('that the vendor ends in the middle says that it has to begin anew', async () => {
    service.seed({ '/reset/a': 'a', '/reset/b': 'b' })
    const { cursor } = await driver.list(parsePath('reset'), { limit: 1 })
    service.resetCursors()
    const going = driver.list(parsePath('reset'), { cursor })
    await expect(going).rejects.toMatchObject({ code: 'Conflict', message: expect.stringContaining('begin anew') })
  })

  it('of everything below takes a call for each page, and names as they are', async () => {
    service.seed({ '/Walked/Deep/File.txt': 'x', '/Walked/Other/File.txt': 'x' })
    service.forget()
    const { items } = await driver.walk(parsePath('Walked'))
    expect(items.map(({ path }) => path).sort()).toEqual([
      'Walked/Deep',
      'Walked/Deep/File.txt',
      'Walked/Other',
      'Walked/Other/File.txt',
    ])
    expect(service.requests.map(({ route }) => route)).toEqual(['files/list_folder'])
  })

  it('of everything below names a folder as it is on further pages, too', async () => {
    service.seed({ '/Paged/Deep/File.txt': 'x', '/Paged/Deep/Other.txt': 'x', '/Paged/Deep/Third/Fourth.txt': 'x' })
    const names: string[] = []
    for (let cursor: string | undefined = undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await driver.walk(parsePath('Paged'), { limit: 1, cursor })
      names.push(...page.items.map(({ path }) => path))
      cursor = page.cursor
    }
    expect(names.sort()).toEqual([
      'Paged/Deep',
      'Paged/Deep/File.txt',
      'Paged/Deep/Other.txt',
      'Paged/Deep/Third',
      'Paged/Deep/Third/Fourth.txt',
    ])
  })

  it('shows what changes while it goes on as it is by then', async () => {
    service.seed({ '/changing/a': 'a', '/changing/b': 'b', '/changing/c': 'c' })
    const first = await driver.list(parsePath('changing'), { limit: 2 })
    await driver.remove(parsePath('changing/c'))
    await put(driver, 'changing/d')
    const names = first.items.map(({ name }) => name)
    for (let { cursor } = first; cursor !== undefined; ) {
      const page = await driver.list(parsePath('changing'), { cursor })
      names.push(...page.items.map(({ name }) => name))
      cursor = page.cursor
    }
    expect(new Set(names).size).toBe(names.length)
    expect(names.slice(0, 2)).toEqual(['a', 'b'])
  })
})

describe('the space', () => {
  it('is that of the account', async () => {
    const { total = 0, used = 0, free = 0 } = await driver.about(root)
    expect([total, used > 0, free]).toEqual([2_000_000_000, true, total - used])
  })

  it('is that of the team, where it shares its own', async () => {
    const team = await startSimulatedDropbox({ team: true, allocated: 5000 })
    try {
      team.seed({ '/file': new Uint8Array(1000) })
      expect(await (await connectFull(team)).about(root)).toEqual({ total: 5000, used: 1000, free: 4000 })
    } finally {
      await team.close()
    }
  })
})

describe('a link for all', () => {
  it('is made once, leads to the bytes, and is found again', async () => {
    service.seed({ '/linked.txt': 'content' })
    const path = parsePath('linked.txt')
    const link = await driver.publicLink(path)
    expect(new URL(link).searchParams.get('dl')).toBe('1')
    expect(await driver.publicLink(path)).toBe(link)
    expect(service.count('sharing/create_shared_link_with_settings')).toBe(2)
    await expect(driver.publicLink(parsePath('nothing'))).rejects.toMatchObject({ code: 'NotFound' })
    await expect(driver.publicLink(root)).rejects.toMatchObject({ code: 'IsADirectory' })
  })

  it('that expires needs an account that may have one', async () => {
    service.seed({ '/expiring.txt': 'content' })
    const path = parsePath('expiring.txt')
    const making = driver.publicLink(path, { expiresIn: 3600 })
    await expect(making).rejects.toMatchObject({ code: 'AccessDenied', message: expect.stringContaining('paid plan') })
    const team = await startSimulatedDropbox({ team: true })
    const changed: string[] = []
    const fetch: typeof team.fetch = async (input, init) => {
      const url = input instanceof Request ? input.url : String(input)
      // The simulator does not know this call.
      if (!url.endsWith('/sharing/modify_shared_link_settings')) return team.fetch(input, init)
      changed.push(await new Response(init?.body).text())
      return Response.json({})
    }
    try {
      team.seed({ '/expiring.txt': 'content' })
      const paid = await connectFull(team, {}, { fetch })
      const link = await paid.publicLink(path, { expiresIn: 3600 })
      expect(await paid.publicLink(path, { expiresIn: 60 })).toBe(link)
      expect(changed).toEqual([expect.stringMatching(/"expires":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/)])
    } finally {
      await team.close()
    }
  })
})
