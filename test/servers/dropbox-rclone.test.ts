import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type DriverWith, openDriver, parsePath, requireMethods, streamBytes } from '@filegate/core'
import driverDefinition from '@filegate/driver-dropbox'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { contentHash } from '../simulators/cloud-tree/content-hash.ts'
import { type Dropbox, type DropboxOptions, startDropbox } from '../simulators/dropbox/start-dropbox.ts'
import { type HttpsProxy, startHttpsProxy } from '../simulators/https-proxy/start-https-proxy.ts'
import { vendorFetch } from '../simulators/vendor-fetch.ts'
import { awkwardNames as names } from './awkward-names.ts'
import { largeContent } from './large-content.ts'
import { missingPrograms, run } from './programs.ts'

const reason = missingPrograms({ rclone: 'rclone' })
if (reason) console.log(`Skipped: Dropbox beside rclone, ${reason}`)

const mebibyte = 1_048_576
const large = 21 * mebibyte + 12_345

const hashOf = (bytes: Uint8Array): string => contentHash(bytes).toString('hex')
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

interface Listed {
  readonly Path: string
  readonly Size: number
  readonly ModTime: string
  readonly IsDir: boolean
  readonly ID: string
  readonly Hashes?: { readonly dropbox?: string }
}

type Driver = DriverWith<'write' | 'remove' | 'makeDirectory' | 'copy' | 'move' | 'about' | 'publicLink' | 'revisions'>

/** One account, or one team, that rclone and our driver share. */
interface Shared {
  readonly dropbox: Dropbox
  readonly proxy: HttpsProxy
  readonly folder: string
  readonly token: string
  rclone(...args: readonly string[]): Promise<string>
  listed(place: string): Promise<Listed[]>
  open(options?: Readonly<Record<string, unknown>>): Promise<Driver>
  close(): Promise<void>
}

async function share(options: DropboxOptions = {}, asTeam = false): Promise<Shared> {
  const folder = await mkdtemp(join(tmpdir(), 'filegate-dropbox-rclone-'))
  const dropbox = await startDropbox(options)
  const proxy = await startHttpsProxy({ routes: dropbox.routes })
  const { key, secret } = dropbox.app
  const token = dropbox.issueToken({ team: asTeam }).blob
  const opened: Driver[] = []
  const rclone = (...args: readonly string[]): Promise<string> =>
    run('rclone', ['--config', join(folder, 'none.conf'), '--retries', '1', '--ca-cert', proxy.caFile, ...args], {
      HTTPS_PROXY: proxy.url,
      RCLONE_CONFIG_DBX_TYPE: 'dropbox',
      RCLONE_CONFIG_DBX_TOKEN: token,
      RCLONE_CONFIG_DBX_CLIENT_ID: key,
      RCLONE_CONFIG_DBX_CLIENT_SECRET: secret,
    })
  return {
    dropbox,
    proxy,
    folder,
    token,
    rclone,
    listed: async (place) => JSON.parse(await rclone('lsjson', '-R', '--hash', `dbx:${place}`)),
    async open(more = {}) {
      const given = { token, client_id: key, client_secret: secret, ...more }
      const driver = requireMethods(
        await openDriver(driverDefinition, given, { fetch: vendorFetch(dropbox.routes) }),
        'write',
        'remove',
        'makeDirectory',
        'copy',
        'move',
        'about',
        'publicLink',
        'revisions',
      )
      opened.push(driver)
      return driver
    },
    async close() {
      for (const driver of opened) await driver.close?.()
      await proxy.close()
      await dropbox.close()
      await rm(folder, { recursive: true })
    },
  }
}

const readAll = async (driver: Driver, path: string): Promise<Uint8Array> =>
  new Response((await driver.read(parsePath(path))).body).bytes()
async function namesIn(driver: Pick<Driver, 'list'>, path: string): Promise<string[]> {
  const names: string[] = []
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await driver.list(parsePath(path), { cursor })
    names.push(...page.items.map(({ name }) => name))
    cursor = page.cursor
  }
  return names.sort()
}
const put = (driver: Driver, path: string, text: string) =>
  driver.write(parsePath(path), { body: streamBytes(bytesOf(text)), size: bytesOf(text).length })

describe.skipIf(reason !== undefined)('Dropbox, shared with rclone', () => {
  let shared: Shared
  let driver: Driver

  beforeAll(async () => {
    shared = await share({ limits: { page: 7 } })
    driver = await shared.open()
  })
  afterAll(() => shared.close())

  it('names, bytes, times and hashes that rclone wrote are read here', async () => {
    const source = join(shared.folder, 'written-by-rclone')
    await mkdir(source)
    for (const [place, name] of names.entries()) {
      await writeFile(join(source, name), `content of ${name}`)
      await utimes(join(source, name), 1_600_000_000 + place, 1_600_000_000 + place)
    }
    await shared.rclone('copy', source, 'dbx:by rclone/Deep')
    await shared.rclone('check', '--checksum', source, 'dbx:by rclone/Deep')

    const shown = (await shared.listed('by rclone/Deep')).sort((one, other) => (one.Path < other.Path ? -1 : 1))
    expect(shown).toHaveLength(names.length)
    expect(await namesIn(driver, 'by rclone/Deep')).toEqual(shown.map(({ Path }) => Path))
    for (const { Path, ModTime, Hashes, Size } of shown) {
      const path = `by rclone/Deep/${Path}`
      const bytes = await readAll(driver, path)
      expect(await driver.stat(parsePath(path))).toMatchObject({
        size: Size,
        modified: Date.parse(ModTime),
        hashes: { dropbox: hashOf(bytes) },
      })
      expect(Hashes?.dropbox).toBe(hashOf(bytes))
    }
    for (const name of ['plain.txt', 'co:lon', 'plus+and space', 'back\\slash', 'right space ', 'del\x7fete']) {
      const { mtimeMs } = await stat(join(source, name))
      expect((await driver.stat(parsePath(`by rclone/Deep/${name}`))).modified).toBe(mtimeMs)
      expect(Buffer.from(await readAll(driver, `by rclone/Deep/${name}`)).toString()).toBe(`content of ${name}`)
    }
  })

  it('names, bytes, times and hashes that were written here are read by rclone', async () => {
    const written = [...(await namesIn(driver, 'by rclone/Deep')), 'quote‛‛inside']
    const modified = Date.UTC(2021, 4, 6, 7, 8, 9)
    for (const name of written) {
      const content = bytesOf(`by filegate: ${name}`)
      const path = parsePath(`by filegate/a+b c/${name}`)
      await driver.write(path, { body: streamBytes(content), size: content.length, modified })
    }
    const files = (await shared.listed('by filegate')).filter(({ IsDir }) => !IsDir)
    expect(files.map(({ Path }) => Path).sort()).toEqual(written.map((name) => `a+b c/${name}`).sort())
    for (const { Path, ModTime, Hashes } of files) {
      expect(Date.parse(ModTime)).toBe(modified)
      expect(Hashes?.dropbox).toBe(hashOf(bytesOf(`by filegate: ${Path.slice('a+b c/'.length)}`)))
    }
    const target = join(shared.folder, 'read-by-rclone')
    await shared.rclone('copy', 'dbx:by filegate/a+b c', target)
    expect(await readdir(target, { encoding: 'buffer' })).toHaveLength(written.length)
    expect(await readFile(join(target, 'line\nfeed'), 'utf8')).toMatch(/^by filegate: line/)
    await shared.rclone('check', '--checksum', target, 'dbx:by filegate/a+b c')
  })

  it.each(['off', 'sync', 'async'])('a file of 21 MB in chunks goes both ways, batch mode %s', async (mode) => {
    const file = join(shared.folder, `large-${mode}`)
    await pipeline(Readable.from(largeContent(large)), createWriteStream(file))
    const expected = hashOf(await readFile(file))
    const settings = ['--dropbox-chunk-size', '4M', '--dropbox-batch-mode', mode]
    await shared.rclone(...settings, 'copyto', file, `dbx:${mode}/by rclone`)
    const read = await driver.read(parsePath(`${mode}/by rclone`))
    expect(read.entry).toMatchObject({ size: large, hashes: { dropbox: expected } })
    expect(hashOf(await new Response(read.body).bytes())).toBe(expected)

    const chunked = await shared.open({ chunk_size: String(4 * mebibyte), batch_mode: mode })
    await chunked.write(parsePath(`${mode}/by filegate`), { body: ReadableStream.from(largeContent(large)) })
    // What is committed later is so once the driver is closed.
    await chunked.close?.()
    const back = join(shared.folder, `back-${mode}`)
    await shared.rclone('copyto', `dbx:${mode}/by filegate`, back)
    const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
    expect(digest(await readFile(back))).toBe(digest(await readFile(file)))
    expect(await shared.rclone('cat', '--offset', String(large - 5), `dbx:${mode}/by filegate`)).toHaveLength(
      (await readFile(file)).subarray(-5).toString().length,
    )
  })

  it('many small files in a batch, and a throttled account, lose nothing', async () => {
    const source = join(shared.folder, 'many')
    await mkdir(source)
    for (let place = 0; place < 40; place++) await writeFile(join(source, `file ${place}`), `content ${place}`)
    shared.dropbox.forget()
    shared.dropbox.fail(
      { route: 'files/upload_session/start', with: 'too_many_requests', retryAfter: 1 },
      { route: 'files/upload_session/finish_batch_v2', with: 'too_many_write_operations', retryAfter: 1 },
    )
    // A batch waits until it is full, however long that takes.
    const batches = ['--transfers', '20', '--dropbox-batch-size', '20', '--dropbox-batch-timeout', '5m']
    await shared.rclone('copy', ...batches, source, 'dbx:many')
    expect(shared.dropbox.count('files/upload_session/finish_batch_v2')).toBe(3)
    await shared.rclone('check', '--checksum', source, 'dbx:many')
    expect(await namesIn(driver, 'many')).toHaveLength(40)
  })

  it('chunks whose answers are lost are not doubled, nor are those that never came', async () => {
    const file = join(shared.folder, 'lossy')
    await pipeline(Readable.from(largeContent(large)), createWriteStream(file))
    const lose = (): void => {
      const route = 'files/upload_session/append_v2'
      shared.dropbox.fail(
        { route, with: 'lost' },
        { route, with: 'dropped', skip: 2 },
        { route, with: 'internal', skip: 3 },
      )
    }
    lose()
    await shared.rclone('--dropbox-chunk-size', '4M', 'copyto', file, 'dbx:lossy/by rclone')
    const chunked = await shared.open({ chunk_size: String(4 * mebibyte) })
    lose()
    await chunked.write(parsePath('lossy/by filegate'), { body: ReadableStream.from(largeContent(large)) })
    const hashes = (await shared.listed('lossy')).map(({ Hashes }) => Hashes?.dropbox)
    expect(hashes).toEqual([hashOf(await readFile(file)), hashOf(await readFile(file))])
  })

  it('what either moves or copies there is so for the other', async () => {
    await put(driver, 'moves/Folder/file.txt', 'moved')
    const before = await driver.stat(parsePath('moves/Folder/file.txt'))
    shared.dropbox.forget()
    await shared.rclone('moveto', 'dbx:moves/Folder/file.txt', 'dbx:moves/Other/name.txt')
    await shared.rclone('copyto', 'dbx:moves/Other/name.txt', 'dbx:moves/copy.txt')
    expect(shared.dropbox.count('files/move_v2')).toBe(1)
    expect(shared.dropbox.count('files/copy_v2')).toBe(1)
    expect(await namesIn(driver, 'moves')).toEqual(['Folder', 'Other', 'copy.txt'])
    for (const place of ['moves/Other/name.txt', 'moves/copy.txt']) {
      expect(await driver.stat(parsePath(place))).toMatchObject({ modified: before.modified, size: 5 })
    }
    await driver.move(parsePath('moves/Other'), { destination: parsePath('moves/Elsewhere/Deep') })
    await driver.copy(parsePath('moves/copy.txt'), { destination: parsePath('moves/again.txt') })
    const listed = (await shared.listed('moves')).filter(({ IsDir }) => !IsDir).map(({ Path }) => Path)
    expect(listed.sort()).toEqual(['Elsewhere/Deep/name.txt', 'again.txt', 'copy.txt'])
  })

  it('a name changes in nothing but its case, whoever changes it', async () => {
    await put(driver, 'cases/Name.txt', 'x')
    await shared.rclone('moveto', 'dbx:cases/Name.txt', 'dbx:cases/NAME.txt')
    expect(await namesIn(driver, 'cases')).toEqual(['NAME.txt'])
    await driver.move(parsePath('cases/NAME.txt'), { destination: parsePath('cases/name.TXT') })
    expect(await shared.rclone('lsf', 'dbx:cases')).toBe('name.TXT\n')
  })

  it('a newer content of rclone is one more revision here, and the older one is still read', async () => {
    const file = join(shared.folder, 'revised')
    for (const text of ['first', 'second']) {
      await writeFile(file, text)
      await shared.rclone('copyto', '--ignore-times', file, 'dbx:revised.txt')
    }
    const { items } = await driver.revisions(parsePath('revised.txt'))
    expect(items).toHaveLength(2)
    const texts = await Promise.all(
      items.map(async ({ version }) =>
        new Response((await driver.read(parsePath('revised.txt'), { version })).body).text(),
      ),
    )
    expect(texts).toEqual(['second', 'first'])
  })

  it('room and links are the same for both', async () => {
    const { total, used } = await driver.about(parsePath(''))
    expect(JSON.parse(await shared.rclone('about', '--json', 'dbx:'))).toMatchObject({ total, used })
    await put(driver, 'linked.txt', 'linked')
    const link = (await shared.rclone('link', 'dbx:linked.txt')).trim()
    const ours = await driver.publicLink(parsePath('linked.txt'))
    expect(new URL(ours).searchParams.get('rlkey')).toBe(new URL(link).searchParams.get('rlkey'))
    expect(await (await vendorFetch(shared.dropbox.routes)(ours)).text()).toBe('linked')
    expect((await shared.rclone('link', 'dbx:linked.txt')).trim()).toBe(link)
  })

  it('empty folders are there for both, and gone for both', async () => {
    await driver.makeDirectory(parsePath('empty/deep'))
    await shared.rclone('mkdir', 'dbx:empty/other')
    expect(await shared.rclone('lsf', '-R', 'dbx:empty')).toBe('deep/\nother/\n')
    expect(await namesIn(driver, 'empty')).toEqual(['deep', 'other'])
    await shared.rclone('rmdir', 'dbx:empty/deep')
    await driver.remove(parsePath('empty/other'))
    expect(await namesIn(driver, 'empty')).toEqual([])
    await put(driver, 'empty/file', 'x')
    await expect(shared.rclone('rmdir', 'dbx:empty')).rejects.toThrow('directory not empty')
    await shared.rclone('purge', 'dbx:empty')
    await expect(driver.stat(parsePath('empty'))).rejects.toThrow('empty')
  })

  it("nothing is asked of any host but the vendor's", () => {
    expect(new Set(shared.proxy.tunnels)).toEqual(new Set(['api.dropboxapi.com:443', 'content.dropboxapi.com:443']))
  })
})

describe.skipIf(reason !== undefined)('logins of rclone at the simulator', () => {
  let shared: Shared
  beforeEach(async () => {
    shared = await share({ team: true }, true)
    shared.dropbox.addMember('tami@example.com')
  })
  afterEach(() => shared.close())

  it('a member of a team is impersonated by both', async () => {
    const file = join(shared.folder, 'hers')
    await writeFile(file, 'hers')
    const tami = ['--dropbox-impersonate', 'tami@example.com']
    await shared.rclone(...tami, 'copyto', file, 'dbx:hers.txt')
    const hers = await shared.open({ impersonate: 'tami@example.com' })
    expect(Buffer.from(await readAll(hers, 'hers.txt')).toString()).toBe('hers')
    await put(hers, 'more.txt', 'more')
    expect(await shared.rclone(...tami, 'lsf', 'dbx:')).toBe('hers.txt\nmore.txt\n')
    await expect(shared.rclone('lsf', 'dbx:')).rejects.toThrow('an entire Dropbox Business team')
    const root = await shared.open({
      impersonate: 'tami@example.com',
      root_namespace: shared.dropbox.accounts[0]?.root,
    })
    expect(await namesIn(root, '')).toEqual(['Franz Ferdinand', 'Tami Ferdinand'])
  })

  it('an expired token is renewed, a revoked one is not', async () => {
    const { blob, refreshToken } = shared.dropbox.issueToken({ lifetime: -60 })
    const asUser = (...args: readonly string[]): Promise<string> => shared.rclone('--dropbox-token', blob, ...args)
    shared.dropbox.seed({ '/file.txt': 'x' })
    expect(await asUser('lsf', 'dbx:')).toBe('file.txt\n')
    expect(shared.dropbox.requests.find(({ route }) => route === 'oauth2/token')).toMatchObject({
      status: 200,
      argument: { grant_type: 'refresh_token', refresh_token: refreshToken },
    })
    shared.dropbox.revoke(refreshToken)
    await expect(asUser('lsf', 'dbx:')).rejects.toThrow('refresh token is invalid or revoked')
  })
})

describe.skipIf(reason !== undefined)('what others share, for rclone and here', () => {
  let shared: Shared
  beforeAll(async () => {
    shared = await share()
    const { dropbox } = shared
    const work = dropbox.addSharedFolder('Work', '84528192421')
    dropbox.tree.addFile({ name: 'plan.txt', parents: [work.id], bytes: Buffer.from('plan') })
    dropbox.addReceivedFile('theirs.txt', Buffer.from('theirs'))
  })
  afterAll(() => shared.close())

  it('shared files are listed and read', async () => {
    // This rclone prints what it got, too.
    expect(await shared.rclone('--dropbox-shared-files', 'lsf', 'dbx:')).toMatch(/\n *theirs\.txt\n$/)
    expect(await shared.rclone('--dropbox-shared-files', 'cat', 'dbx:theirs.txt')).toMatch(/\n *theirs$/)
    const files = await openDriver(
      driverDefinition,
      { token: shared.token, shared_files: true },
      { fetch: vendorFetch(shared.dropbox.routes) },
    )
    expect(await namesIn(files, '')).toEqual(['theirs.txt'])
    expect(await new Response((await files.read(parsePath('theirs.txt'))).body).text()).toBe('theirs')
    await files.close?.()
  })

  it('shared folders are listed, and mounted when they are entered', async () => {
    expect(await shared.rclone('--dropbox-shared-folders', 'lsf', 'dbx:')).toBe('Work/\n')
    const folders = await shared.open({ shared_folders: true })
    expect(await namesIn(folders, '')).toEqual(['Work'])
    expect(await namesIn(folders, 'Work')).toEqual(['plan.txt'])
    expect(await shared.rclone('--dropbox-shared-folders', 'cat', 'dbx:Work/plan.txt')).toBe('plan')
    expect(shared.dropbox.count('sharing/mount_folder')).toBeGreaterThan(0)
  })
})
