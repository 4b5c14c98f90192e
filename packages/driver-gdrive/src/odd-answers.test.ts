import { collectBytes, nameOfSegment, parsePath, type StorageDriver } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import { names, put, textAt, walked } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
let token: string
beforeAll(async () => {
  service = await startDriveService()
  ;({ access_token: token } = JSON.parse(service.token))
  const { drive } = service
  const folder = drive.add({ kind: 'folder', name: 'folder' }).id
  drive.add({ name: 'inside.txt', parent: folder, bytes: 'inside' })
  drive.add({ name: 'file.txt', bytes: 'content' })
  drive.add({ name: 'Plan', document: '# A plan' })
})
beforeEach(() => service.drive.forget())
afterAll(() => service.close())

type Change = (answer: Response, url: URL) => Response | Promise<Response>

/** Answers of the simulator to requests to some path, changed; and every host that a request with the token went to. */
async function changed(path: RegExp, change: Change, options: Readonly<Record<string, unknown>> = {}) {
  const through = vendorFetch(service.drive.routes)
  const told: string[] = []
  let isOn = false
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const headers = new Headers(init?.headers)
    if (`${headers.get('authorization')} ${url}`.includes(token)) told.push(url.host)
    const answer = await through(input, init)
    return isOn && path.test(url.pathname) ? change(answer, url) : answer
  }
  const driver = await service.connect(options, { fetch })
  isOn = true
  return { driver, told }
}

const failure = async (work: Promise<unknown> | undefined): Promise<string> => {
  const [outcome] = await Promise.allSettled([work])
  return outcome?.status === 'rejected' ? String(outcome.reason) : 'It worked.'
}

/** An answer whose next page is always the same. */
const endless: Change = async (answer) => {
  const known: unknown = await answer.json()
  return Response.json({ ...Object(known), nextPageToken: 'again' })
}

describe('pages that lead in a circle', () => {
  const circle: Change = async (answer, url) =>
    url.searchParams.get('pageToken') ? Response.json({ nextPageToken: 'again' }) : endless(answer, url)

  it.each<[string, RegExp, (driver: StorageDriver) => Promise<unknown> | undefined]>([
    ['a listing', /files$/, (driver) => names(driver)],
    ['a look-up', /files$/, (driver) => driver.stat(parsePath('file.txt'))],
    ['a walk', /files$/, (driver) => walked(driver)],
    ['revisions', /revisions$/, (driver) => driver.revisions?.(parsePath('file.txt'))],
    [
      'permissions',
      /permissions$/,
      (driver) => driver.copy?.(parsePath('file.txt'), { destination: parsePath('copy.txt') }),
    ],
    ['labels', /listLabels$/, (driver) => driver.copy?.(parsePath('file.txt'), { destination: parsePath('copy.txt') })],
  ])('end (%s)', async (_what, path, ask) => {
    const { driver } = await changed(path, circle, { metadata_permissions: 'write', metadata_labels: 'write' })
    expect(await failure(ask(driver))).toMatch(/circle/)
  })

  it('end a copy of a folder, of which nothing stays', async () => {
    let isCopying = false
    const { driver } = await changed(/files$/, async (answer, url) => {
      const query = url.searchParams.get('q') ?? ''
      isCopying ||= query.includes(' in parents') && !query.includes('name =')
      return isCopying && url.searchParams.has('q') ? circle(answer, url) : answer
    })
    const copying = driver.copy?.(parsePath('folder'), { destination: parsePath('copy') })
    expect(await failure(copying)).toMatch(/circle/)
    expect(await names(await service.connect())).not.toContain('copy')
  })
})

describe('an answer that is nonsense', () => {
  it.each([
    '<html>Sign in to the network</html>',
    '',
    'null',
    '[]',
    '"text"',
    '{"files":"none"}',
    '{"files":[{}]}',
    '{"files":[{"id":1}]}',
    '{"files":[{"id":"x","size":"-1"}]}',
    '{"files":[{"id":"x","name":["a"]}]}',
  ])('is said to be none of Google Drive: %s', async (text) => {
    const { driver } = await changed(
      /files$/,
      () =>
        new Response(text, { headers: { 'content-type': text.startsWith('<') ? 'text/html' : 'application/json' } }),
    )
    // One after the other: what fails before it is awaited counts as failing in nobody's hands.
    for (const work of [() => names(driver), () => driver.stat(parsePath('file.txt')), () => walked(driver)]) {
      expect(await failure(work())).toMatch(/What answers is not Google Drive/)
    }
  })

  it.each(['<html>Sign in to the network</html>', '', '{}', '{"id":"x","trashed":false}'])(
    'does not pass for a removal: %s',
    async (text) => {
      const type = text.startsWith('<') ? 'text/html' : 'application/json'
      service.drive.add({ name: 'goes.txt', bytes: 'x' })
      const { driver } = await changed(/files\/[^/]+$/, () => new Response(text, { headers: { 'content-type': type } }))
      expect(await failure(driver.remove?.(parsePath('goes.txt')))).toMatch(/What answers is not Google Drive/)
    },
  )

  it('does not pass for a removal for good where it is a page', async () => {
    service.drive.add({ name: 'goes.txt', bytes: 'x' })
    const page = () => new Response('<html>', { headers: { 'content-type': 'text/html; charset=utf-8' } })
    const { driver } = await changed(/files\/[^/]+$/, page, { use_trash: false })
    expect(await failure(driver.remove?.(parsePath('goes.txt')))).toMatch(/What answers is not Google Drive/)
  })

  it('is no part of a file where it is another than was asked for', async () => {
    const headers = { 'content-range': 'bytes 1-3/7' }
    const { driver } = await changed(/files\/[^/]+$/, () => new Response('odd', { status: 206, headers }))
    const reading = driver.read(parsePath('file.txt'), { range: { start: 2, end: 5 } })
    expect(await failure(reading)).toMatch(/another part of the file than was asked for/)
  })

  it('tells no size that no file can have', async () => {
    const huge = { id: 'huge', name: 'huge', size: '99999999999999999999' }
    const { driver } = await changed(/files$/, () => Response.json({ files: [huge] }))
    const { items } = await driver.list(parsePath(''))
    expect(items).toMatchObject([{ name: 'huge' }])
    expect(items[0]).not.toHaveProperty('size')
  })

  it('is said to be so where the older API gives it', async () => {
    const { driver } = await changed(/drive\/v2/, () => new Response('<html>'), { v2_download_min_size: '0' })
    expect(await failure(driver.read(parsePath('file.txt')))).toMatch(/What answers is not Google Drive/)
  })

  it('is said to be so where an upload gets it', async () => {
    const { driver } = await changed(/upload/, (answer) =>
      answer.headers.has('location') ? answer : new Response('<html>', { status: 200 }),
    )
    expect(await failure(put(driver, 'new.txt'))).toMatch(/What answers is not Google Drive/)
  })
})

describe('an address of another host in an answer', () => {
  const foreign = [
    'https://example.com/x',
    'http://www.googleapis.com/x',
    'https://1.0.0.127.bc.googleusercontent.com/x',
  ]

  it.each(foreign)('is not asked for what a document is exported as: %s', async (link) => {
    const { driver, told } = await changed(/files$/, async (answer) => {
      const text = await answer.text()
      return new Response(text.replaceAll(/https:[^"]*export[^"]*/g, link), answer)
    })
    expect(await failure(driver.read(parsePath('Plan.docx')))).toMatch(/leads to another host/)
    expect(new Set(told)).toEqual(new Set(['www.googleapis.com']))
  })

  it.each(foreign)('is not sent an upload: %s', async (location) => {
    const { driver, told } = await changed(/upload/, () => new Response(null, { headers: { location } }), {
      upload_cutoff: '0',
    })
    expect(await failure(put(driver, 'new.txt', 'secret'))).toMatch(/leads to another host/)
    expect(new Set(told)).toEqual(new Set(['www.googleapis.com']))
  })

  it.each(foreign)('is not asked for a download: %s', async (downloadUrl) => {
    const { driver, told } = await changed(/v2/, () => Response.json({ downloadUrl }), { v2_download_min_size: '0' })
    expect(await failure(driver.read(parsePath('file.txt')))).toMatch(/leads to another host/)
    expect(new Set(told)).toEqual(new Set(['www.googleapis.com']))
  })
})

describe('an answer that leads elsewhere', () => {
  it('is not followed with what is asked or sent, and nothing counts as done', async () => {
    const through = vendorFetch(service.drive.routes)
    const asked: (readonly [string, unknown])[] = []
    let isOn = false
    const fetch: typeof globalThis.fetch = async (input, init = {}) => {
      asked.push([init.method ?? 'GET', init.redirect])
      if (!isOn) return through(input, init)
      return new Response(null, { status: 307, headers: { location: 'https://example.com/' } })
    }
    const driver = await service.connect({}, { fetch })
    isOn = true
    const works = [() => names(driver), () => driver.stat(parsePath('file.txt')), () => put(driver, 'new.txt')]
    for (const work of works) {
      expect(await failure(work())).toMatch(/What answers is not Google Drive/)
    }
    expect(asked.map(([, redirect]) => redirect)).toEqual(asked.map(() => 'manual'))
    isOn = false
    asked.splice(0)
    await put(driver, 'sent.txt')
    expect(asked.at(-1)).toEqual(['POST', 'manual'])
  })
})

describe('a search that is not complete', () => {
  it('is told to the operator', async () => {
    const through = vendorFetch(service.drive.routes)
    const warnings: string[] = []
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const answer = await through(input, init)
      const isList = String(input instanceof Request ? input.url : input).includes('v3/files?')
      return isList ? Response.json({ ...Object(await answer.json()), incompleteSearch: true }) : answer
    }
    const log = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message) }
    expect(await names(await service.connect({}, { fetch, log }))).toContain('file.txt')
    expect(warnings).toEqual([expect.stringContaining('may lack files')])
  })
})

describe('names that no path can hold', () => {
  it.each(['a/b', '..', '.', '\u0000', '🙂', "it's \\ a 'name'", '%2e%2e', 'x'.repeat(500)])(
    '%j is listed, read, renamed and walked',
    async (name) => {
      const { drive } = service
      const parent = drive.add({ kind: 'folder', name: 'odd' }).id
      const folder = drive.add({ kind: 'folder', name, parent }).id
      drive.add({ name, parent: folder, bytes: 'found' })
      const driver = await service.connect()
      const [at] = await names(driver, 'odd')
      expect(nameOfSegment(at ?? '')).toBe(name)
      const path = parsePath(`odd/${at}/${at}`)
      expect(Buffer.from(await collectBytes((await driver.read(path)).body)).toString()).toBe('found')
      expect(await walked(driver, 'odd')).toEqual([`odd/${at}`, path])
      await driver.move?.(path, { destination: parsePath(`odd/${at}/other`) })
      expect(await textAt(driver, `odd/${at}/other`)).toBe('found')
      await driver.remove?.(parsePath('odd'))
    },
  )
})

describe('shortcuts of which one cannot be looked up', () => {
  it('end the listing, and no more are looked up', async () => {
    const { drive } = service
    const parent = drive.add({ kind: 'folder', name: 'shortcuts' }).id
    const { id } = drive.add({ name: 'target.txt', bytes: 'x' })
    for (let each = 0; each < 60; each++) drive.add({ name: `short-${each}`, parent, shortcutTo: id })
    let lookUps = 0
    const { driver } = await changed(new RegExp(`files/${id}$`), () => {
      lookUps += 1
      return Response.json({ error: { errors: [{ reason: 'insufficientPermissions' }] } }, { status: 403 })
    })
    expect(await failure(names(driver, 'shortcuts'))).toMatch(/with the scope drive/)
    expect(lookUps).toBeLessThanOrEqual(8)
  })
})
