import { collectBytes, type Entry, parsePath, streamBytes } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type OneDrive, startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import { asked, contentAt, countOf, itemAt, operations, put, read, write } from './testing/files.ts'
import { connect, listening, names } from './testing/connected.ts'
import { hurried } from './testing/hurried.ts'
import { altered, lyingFetch } from './testing/lying-fetch.ts'
import { connectTo } from './testing/onedrive-harness.ts'

/** A drive of a person; and of an organization: one's own, a library, and somebody else's. */
let personal: OneDrive
let business: OneDrive
beforeAll(async () => {
  personal = await startOneDrive()
  business = await startOneDrive({
    drives: [
      { type: 'business' },
      { type: 'documentLibrary', name: 'Team' },
      { type: 'business', owner: 'bob@contoso.com' },
    ],
    applications: [
      { clientId: 'filegate', redirectUris: ['http://localhost/'] },
      { clientId: 'machine', secret: 'secret', redirectUris: [], roles: ['Files.ReadWrite.All'] },
    ],
  })
})
beforeEach(() => {
  personal.forget()
  business.forget()
})
afterAll(async () => {
  await personal.close()
  await business.close()
})

describe('metadata_permissions', () => {
  const path = parsePath('shared/file.txt')
  const shared = async (service: OneDrive) => {
    put(service, path)
    service.share(itemAt(service, 'shared')?.id ?? '', 'folder@contoso.com')
    service.share(itemAt(service, path)?.id ?? '', 'bob@contoso.com', ['write'])
    await (await connect(service)).publicLink(path)
  }
  beforeAll(async () => {
    await shared(personal)
    await shared(business)
  })
  const told = (entry: Entry): unknown => JSON.parse(entry.metadata?.['permissions'] ?? 'null')
  const calls = (service: OneDrive) => countOf(service, 'list permissions')

  it.each([
    ['personal', 1],
    ['business', 2],
  ] as const)('shows with read what a file of a %s drive has of its own, in %i calls', async (kind, count) => {
    const service = kind === 'personal' ? personal : business
    const driver = await connect(service, { metadata_permissions: 'read' })
    const entry = await driver.stat(path)
    const whole: unknown[] = [
      expect.objectContaining({ roles: ['write'] }),
      expect.objectContaining({ link: { type: 'view', scope: 'anonymous' } }),
    ]
    expect(told(entry)).toEqual(whole)
    expect(entry.metadata?.['permissions']).toContain('bob@contoso.com')
    expect(entry.metadata?.['permissions']).not.toMatch(/folder@contoso|https:|inheritedFrom/)
    expect(calls(service)).toBe(count)
    expect(told(await driver.stat(parsePath('')))).toEqual([])
  })

  it('asks nothing more without read, nor for listings, walks and reads', async () => {
    const usual = await connect(personal, { metadata_permissions: 'write,failok' })
    expect(await usual.stat(path)).not.toHaveProperty('metadata')
    const driver = await connect(personal, { metadata_permissions: 'read', delta: true })
    expect(await names(driver, 'shared')).toEqual(['file.txt'])
    expect(await read(driver, path)).toBe('content')
    await driver.walk?.(parsePath(''))
    expect(calls(personal)).toBe(0)
  })

  it('fails a look-up where they cannot be read, or with failok only tells the log', async () => {
    const strict = await connect(personal, { metadata_permissions: 'read' })
    personal.fail({ operation: 'list permissions', code: 'accessDenied' })
    await expect(strict.stat(path)).rejects.toMatchObject({ code: 'AccessDenied' })
    const { log, told: lines } = listening()
    const lenient = await connect(personal, { metadata_permissions: 'read,failok' }, { log })
    personal.fail({ operation: 'list permissions', code: 'accessDenied' })
    expect(await lenient.stat(path)).toMatchObject({ kind: 'file', metadata: {} })
    expect(lines).toEqual([expect.stringMatching(/^warn: The permissions of an item could not be read/)])
  })
})

describe('which drive it is', () => {
  it('is the own one, found once, or that of drive_id', async () => {
    put(business, 'own.txt')
    put(business, 'library.txt', 'x', 1)
    expect(await names(await connect(business))).toContain('own.txt')
    const [, library] = business.drives
    expect(await names(await connect(business, { drive_id: library?.id }))).toEqual(['library.txt'])
  })

  it('is asked for its kind, unless drive_type says it', async () => {
    const [own] = business.drives
    await connectTo(business, { drive_id: own?.id })
    expect(operations(business)).toEqual(['get drive', 'get item'])
    business.forget()
    const driver = await connectTo(business, { drive_id: own?.id, drive_type: 'personal' })
    expect(operations(business)).toEqual(['get item'])
    expect(driver.traits.modifiedPrecision).toBe(1)
  })

  it('refuses one that is not there, or is no drive, by its id', async () => {
    const nowhere = `b!${'A'.repeat(64)}`
    await expect(connectTo(business, { drive_id: nowhere })).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringContaining(`drive_id: there is no drive '${nowhere}'`),
    })
    await expect(connectTo(business, { drive_id: 'nonsense' })).rejects.toThrow("there is no drive 'nonsense'")
    await expect(connectTo(business, { drive_id: 'nonsense', drive_type: 'business' })).rejects.toThrow('drive_id')
  })

  it('has with root_folder_id another root, which has to be a folder', async () => {
    const file = put(business, 'rooted/inner/file.txt', 'inside')
    const folder = itemAt(business, 'rooted')?.id
    const driver = await connect(business, { root_folder_id: folder })
    expect(await names(driver)).toEqual(['inner'])
    expect(await read(driver, 'inner/file.txt')).toBe('inside')
    await write(driver, 'new.txt', 'new')
    expect(contentAt(business, 'rooted/new.txt')).toBe('new')
    await expect(driver.stat(parsePath('own.txt'))).rejects.toMatchObject({ code: 'NotFound' })
    await expect(connectTo(business, { root_folder_id: file })).rejects.toThrow('root_folder_id: ')
    await expect(connectTo(business, { root_folder_id: 'nowhere' })).rejects.toThrow("there is no folder 'nowhere'")
  })

  it('is that of the region, whose cloud may know fewer ways', async () => {
    put(business, "cn/it's 100%.txt", 'there')
    const token = business.tokenBlob({ resource: 'https://microsoftgraph.chinacloudapi.cn' })
    const driver = await connect(business, { region: 'cn', token })
    expect(await read(driver, "cn/it's 100%.txt")).toBe('there')
    await write(driver, "cn/it's new.txt", 'new')
    await driver.write(parsePath('cn/timed.txt'), { body: streamBytes(Buffer.from('x')), modified: 1000 })
    expect(contentAt(business, "cn/it's new.txt")).toBe('new')
    const hosts = new Set(business.requests.map(({ url }) => new URL(url).host))
    expect([...hosts].sort()).toEqual(['contoso-my.sharepoint.cn', 'microsoftgraph.chinacloudapi.cn'])
    await expect(connectTo(business, { region: 'us' })).rejects.toMatchObject({
      code: 'Unauthenticated',
      message: expect.stringContaining('region'),
    })
  })

  it('is warned of where it was closed', async () => {
    const { log, told } = listening()
    const token = business.tokenBlob({ resource: 'https://graph.microsoft.de' })
    await connectTo(business, { region: 'de', token }, { log })
    expect(told).toEqual([expect.stringMatching(/^warn: .*closed in 2021/)])
  })
})

describe('who logs in', () => {
  it('is with client_credentials the client itself, with its tenant and all that it may', async () => {
    const [own] = business.drives
    const given = {
      token: '',
      client_credentials: true,
      client_id: 'machine',
      client_secret: 'secret',
      tenant: business.entra.tenant,
      drive_id: own?.id,
    }
    const before = business.entra.requests.length
    const driver = await connect(business, given)
    expect(await names(driver)).toContain('own.txt')
    expect(business.entra.requests.slice(before)).toEqual([
      `POST /${business.entra.tenant}/oauth2/v2.0/token client_credentials 200`,
    ])
    await expect(connectTo(business, { ...given, client_secret: 'other' })).rejects.toMatchObject({
      code: 'Unauthenticated',
      message: expect.stringContaining('client_secret and tenant'),
    })
  })

  it('asks at token_url, where that is given', async () => {
    const expired = JSON.stringify({ ...JSON.parse(personal.tokenBlob()), expiry: '2001-01-01T00:00:00Z' })
    const asks: string[] = []
    const inner = vendorFetch({ ...personal.routes, 'tokens.example': personal.entra.plain })
    const fetch: typeof globalThis.fetch = (input, init) => {
      asks.push(new URL(input instanceof Request ? input.url : input).host)
      return inner(input, init)
    }
    const token_url = 'https://tokens.example/common/oauth2/v2.0/token'
    await connectTo(personal, { token: expired, token_url }, { fetch }).catch(() => undefined)
    expect(asks[0]).toBe('tokens.example')
  })
})

describe('listings', () => {
  it('ask for list_chunk at once', async () => {
    for (let number = 0; number < 7; number++) put(personal, `many/${number}.txt`)
    const driver = await connect(personal, { list_chunk: 3 })
    const seen: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await driver.list(parsePath('many'), { cursor })
      expect(page.items.length).toBeLessThanOrEqual(3)
      seen.push(...page.items.map(({ name }) => name))
      cursor = page.cursor
      if (cursor === undefined) break
    }
    expect(seen.sort()).toEqual(['0.txt', '1.txt', '2.txt', '3.txt', '4.txt', '5.txt', '6.txt'])
    expect(asked(personal, 'list children', '$top')).toEqual(['3', '3', '3'])
    await expect(driver.list(parsePath('many'), { cursor: '$filter=x' })).rejects.toThrow('cursor')
  })

  it('leave notebooks out, unless expose_onenote_files', async () => {
    personal.mark(put(personal, 'notes/Book'), { package: 'oneNote' })
    put(personal, 'notes/file.txt')
    const hiding = await connect(personal)
    expect(await names(hiding, 'notes')).toEqual(['file.txt'])
    await expect(hiding.stat(parsePath('notes/Book'))).rejects.toMatchObject({ code: 'NotFound' })
    const showing = await connect(personal, { expose_onenote_files: true })
    expect((await names(showing, 'notes')).sort()).toEqual(['Book', 'file.txt'])
    await expect(showing.read(parsePath('notes/Book'))).rejects.toThrow('OneNote')
    await expect(write(showing, 'notes/Book', 'x')).rejects.toThrow('OneNote')
  })
})

describe('hash_type', () => {
  it.each([
    ['sha1', '040f06fd774092478d450774f5ba30c5da78acc8'],
    ['sha256', 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73'],
  ] as const)('%s is told of files, and nothing else', async (hash_type, digest) => {
    put(personal, `hashed/${hash_type}`)
    const driver = await connect(personal, { hash_type })
    expect(driver.traits.hashes).toEqual([hash_type])
    expect(await driver.stat(parsePath(`hashed/${hash_type}`))).toMatchObject({ hashes: { [hash_type]: digest } })
    expect(await driver.hash(parsePath(`hashed/${hash_type}`), { algorithm: hash_type })).toBe(digest)
    const other = driver.hash(parsePath(`hashed/${hash_type}`), { algorithm: 'quickxor' })
    await expect(other).rejects.toMatchObject({ code: 'Unsupported' })
  })

  it('is quickxor by itself, and can be none', async () => {
    put(personal, 'hashed/any')
    const usual = await connect(personal)
    const entry = await usual.stat(parsePath('hashed/any'))
    expect(entry).toMatchObject({ hashes: { quickxor: expect.stringMatching(/^[\da-f]{40}$/) } })
    expect(usual.traits.hashes).toEqual(['quickxor'])
    const silent = await connect(personal, { hash_type: 'none' })
    expect(silent.traits.hashes).toEqual([])
    expect(await silent.stat(parsePath('hashed/any'))).toMatchObject({ hashes: undefined })
    const crc = await connect(personal, { hash_type: 'crc32' })
    expect(crc.traits.hashes).toEqual(['crc32'])
  })
})

describe('what is held back as infected', () => {
  it('is read with av_override, and refused with a word about that otherwise', async () => {
    for (const service of [personal, business]) {
      service.mark(put(service, 'virus.exe', 'EICAR'), { malware: 'EICAR-Test' })
      put(service, 'clean.txt', 'clean')
      const careful = await connect(service)
      await expect(careful.read(parsePath('virus.exe'))).rejects.toMatchObject({
        code: 'AccessDenied',
        message: expect.stringContaining('av_override'),
      })
      const daring = await connect(service, { av_override: true })
      expect(await read(daring, 'virus.exe')).toBe('EICAR')
      const part = await daring.read(parsePath('virus.exe'), { range: { start: 1, end: 3 } })
      expect(Buffer.from(await collectBytes(part.body)).toString()).toBe('IC')
      service.forget()
      expect(await read(daring, 'clean.txt')).toBe('clean')
      expect(countOf(service, 'download')).toBe(0)
      service.fail({ operation: 'download bytes', code: 'malwareDetected' })
      expect(await read(daring, 'clean.txt')).toBe('clean')
    }
  })
})

describe('an older version that is held back as infected', () => {
  it('is never answered with the newest one', async () => {
    const driver = await connect(business, { av_override: true })
    for (const content of ['older', 'newest']) await write(driver, 'infected-before.txt', content)
    const { items } = await driver.revisions(parsePath('infected-before.txt'))
    business.fail({ operation: 'download bytes', code: 'malwareDetected' })
    const reading = driver.read(parsePath('infected-before.txt'), { version: items[1]?.version })
    await expect(reading).rejects.toMatchObject({ code: 'AccessDenied' })
  })
})

describe('uploads', () => {
  it('go in chunks of chunk_size', async () => {
    const driver = await connect(personal, { chunk_size: '640Ki' })
    await driver.write(parsePath('long.bin'), { body: streamBytes(new Uint8Array(1_500_000)), size: 1_500_000 })
    const ranges = personal.requests.flatMap(({ headers }) => headers['content-range'] ?? [])
    expect(ranges).toEqual(['bytes 0-655359/1500000', 'bytes 655360-1310719/1500000', 'bytes 1310720-1499999/1500000'])
  })

  it('leave with no_versions none of the older versions, nor does another time', async () => {
    const keeping = await connect(business)
    const driver = await connect(business, { no_versions: true })
    for (const content of ['one', 'two', 'three']) await write(keeping, 'versions.txt', content)
    expect((await driver.revisions(parsePath('versions.txt'))).items).toHaveLength(3)
    await write(driver, 'versions.txt', 'four')
    const { items } = await driver.revisions(parsePath('versions.txt'))
    expect(items).toHaveLength(1)
    await write(keeping, 'versions.txt', 'five')
    await driver.setModified(parsePath('versions.txt'), { modified: 1000 })
    expect((await driver.revisions(parsePath('versions.txt'))).items).toHaveLength(1)
    expect(await read(driver, 'versions.txt')).toBe('five')
    await expect(connectTo(personal, { no_versions: true })).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('no_versions: '),
    })
  })
})

describe('what SharePoint does not find for a moment', () => {
  it('is asked for again after an upload, a change of time and a copy', async () => {
    hurried()
    const driver = await connect(business, { no_versions: true })
    await write(driver, 'late.txt', 'one')
    business.fail({ operation: 'list versions', code: 'itemNotFound' })
    await write(driver, 'late.txt', 'two')
    expect((await driver.revisions(parsePath('late.txt'))).items).toHaveLength(1)
    business.fail({ operation: 'update item', code: 'itemNotFound', times: 2 })
    expect(await write(driver, 'late-and-empty.txt', '', { modified: 5000 })).toMatchObject({ modified: 5000 })
    // The copies of the service itself have the time of copying.
    const { fetch } = lyingFetch(business, ({ url }, truth) =>
      url.pathname.endsWith(':/late-copy.txt:')
        ? altered(truth(), (said) =>
            'id' in said ? { ...said, fileSystemInfo: {}, lastModifiedDateTime: '2001-01-01T00:00:00Z' } : said,
          )
        : undefined,
    )
    const copying = await connect(business, { no_versions: true }, { fetch })
    business.fail({ operation: 'update item', code: 'itemNotFound' })
    await copying.copy(parsePath('late.txt'), { destination: parsePath('late-copy.txt') })
    expect(countOf(business, 'update item')).toBe(2)
    expect(countOf(business, 'list versions')).toBe(1)
    vi.restoreAllMocks()
  })
})

describe('removing', () => {
  it('leads to the recycle bin, and past it with hard_delete', async () => {
    const soft = put(business, 'soft.txt')
    const hard = put(business, 'hard.txt')
    await (await connect(business)).remove(parsePath('soft.txt'))
    expect(business.tree.isTrashed(soft)).toBe(true)
    await (await connect(business, { hard_delete: true })).remove(parsePath('hard.txt'))
    expect(business.tree.get(hard)).toBeUndefined()
    await expect(connectTo(personal, { hard_delete: true })).rejects.toThrow('hard_delete: ')
  })
})

describe('links', () => {
  const linkOf = (service: OneDrive, id: string) => {
    const found = service.tree.get(id)
    return found && service.requests.filter(({ operation }) => operation === 'create link').length
  }

  it('are for anybody to look, and lead to the bytes where they can', async () => {
    const id = put(personal, 'linked.txt')
    const link = await (await connect(personal)).publicLink(parsePath('linked.txt'))
    expect(link).toMatch(/^https:\/\/api\.onedrive\.com\/v1\.0\/shares\/u!.+\/root\/content$/)
    expect(linkOf(personal, id)).toBe(1)
  })

  it('are of link_type, with link_password, until they end', async () => {
    put(personal, 'edited.txt')
    const wishes: unknown[] = []
    const through = vendorFetch(personal.routes)
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init?.method === 'POST' ? init : {})
      if (request.url.endsWith('/createLink')) wishes.push(await request.json())
      return through(input, init)
    }
    const driver = await connect(personal, { link_type: 'edit', link_password: 'word' }, { fetch })
    const before = Date.now()
    const link = await driver.publicLink(parsePath('edited.txt'), { expiresIn: 3600 })
    expect(link).toMatch(/^https:\/\/1drv\.ms\/u\//)
    expect(wishes).toEqual([
      { type: 'edit', scope: 'anonymous', password: 'word', expirationDateTime: expect.any(String) },
    ])
    const ends = z.tuple([z.object({ expirationDateTime: z.string() })]).parse(wishes)[0].expirationDateTime
    expect(Date.parse(ends) - before).toBeGreaterThanOrEqual(3_600_000)
    const embedding = await connect(personal, { link_type: 'embed' }, { fetch })
    expect(await embedding.publicLink(parsePath('edited.txt'))).toMatch(/^https:\/\/1drv\.ms\//)
    expect(wishes[1]).toEqual({ type: 'embed', scope: 'anonymous' })
  })

  it('to look at with a password lead to the page that asks for it', async () => {
    put(personal, 'guarded.txt')
    const driver = await connect(personal, { link_password: 'word' })
    expect(await driver.publicLink(parsePath('guarded.txt'))).toMatch(/^https:\/\/1drv\.ms\//)
  })

  it('are for the organization with link_scope', async () => {
    put(business, 'inside.txt')
    const driver = await connect(business, { link_scope: 'organization' })
    expect(await driver.publicLink(parsePath('inside.txt'))).toMatch(/^https:\/\/contoso-my\.sharepoint\.com\//)
    const wrong = await connect(personal, { link_scope: 'organization' })
    put(personal, 'inside.txt')
    await expect(wrong.publicLink(parsePath('inside.txt'))).rejects.toThrow(
      'Check link_type, link_scope and link_password',
    )
  })
})
