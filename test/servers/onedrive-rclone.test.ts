import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DriverWith, openDriver, parsePath, requireMethods, streamBytes } from '@filegate/core'
import driverDefinition from '@filegate/driver-onedrive'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { digestOf } from '../simulators/cloud-tree/digest-of.ts'
import { type HttpsProxy, startHttpsProxy } from '../simulators/https-proxy/start-https-proxy.ts'
import {
  type OneDrive,
  type OneDriveOptions,
  startOneDrive,
  type TokenFields,
} from '../simulators/onedrive/start-onedrive.ts'
import { vendorFetch } from '../simulators/vendor-fetch.ts'
import { awkwardNames as names } from './awkward-names.ts'
import { missingPrograms, run } from './programs.ts'

const reason = missingPrograms({ rclone: 'rclone' })
if (reason) console.log(`Skipped: OneDrive beside rclone, ${reason}`)

const unit = 327_680
const large = 21 * 1_048_576 + 12_345

/** Four bytes that differ at every place, so that swapped fragments show. */
const largeContent = (): Buffer =>
  Buffer.from(Uint32Array.from({ length: Math.ceil(large / 4) }, (_, place) => place * 2_654_435_761).buffer).subarray(
    0,
    large,
  )

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

interface Listed {
  readonly Path: string
  readonly Size: number
  readonly ModTime: string
  readonly IsDir: boolean
  readonly Hashes?: Readonly<Record<string, string>>
}

type Driver = DriverWith<
  'write' | 'remove' | 'makeDirectory' | 'copy' | 'move' | 'setModified' | 'about' | 'publicLink' | 'revisions'
>

/** One drive that rclone and our driver share. */
interface Shared {
  readonly onedrive: OneDrive
  readonly folder: string
  rclone(...args: readonly string[]): Promise<string>
  listed(place: string): Promise<Listed[]>
  open(options?: Readonly<Record<string, unknown>>): Promise<Driver>
  close(): Promise<void>
}

async function share(
  options: OneDriveOptions,
  tokens: TokenFields = {},
  client: Readonly<Record<string, string>> = {},
): Promise<Shared> {
  const folder = await mkdtemp(join(tmpdir(), 'filegate-onedrive-rclone-'))
  // rclone sends its token along to addresses that say themselves who may. The unit tests refuse that.
  const onedrive = await startOneDrive({ ...options, refusesTokens: false })
  const proxy: HttpsProxy = await startHttpsProxy({ routes: onedrive.routes })
  const opened: Driver[] = []
  const [drive] = onedrive.drives
  if (drive === undefined) throw new Error('There is a drive.')
  const settings = { drive_id: drive.id, drive_type: drive.type }
  const rclone = (...args: readonly string[]): Promise<string> =>
    run('rclone', ['--config', join(folder, 'none.conf'), '--retries', '1', '--ca-cert', proxy.caFile, ...args], {
      HTTPS_PROXY: proxy.url,
      // Monitors of copies are asked by a client of their own.
      SSL_CERT_FILE: proxy.caFile,
      RCLONE_CONFIG_OD_TYPE: 'onedrive',
      RCLONE_CONFIG_OD_TOKEN: onedrive.tokenBlob(tokens),
      ...client,
      RCLONE_CONFIG_OD_DRIVE_ID: settings.drive_id,
      RCLONE_CONFIG_OD_DRIVE_TYPE: settings.drive_type,
      RCLONE_CONFIG_OD_CHUNK_SIZE: '10Mi',
      RCLONE_CONFIG_OD_LIST_CHUNK: '7',
    })
  return {
    onedrive,
    folder,
    rclone,
    listed: async (place) => JSON.parse(await rclone('lsjson', '-R', '--hash', `od:${place}`)),
    async open(more = {}) {
      const connected = await openDriver(
        driverDefinition,
        { token: onedrive.tokenBlob(), ...settings, ...more },
        { fetch: vendorFetch(onedrive.routes) },
      )
      const driver = requireMethods(
        connected,
        'write',
        'remove',
        'makeDirectory',
        'copy',
        'move',
        'setModified',
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
      await onedrive.close()
      await rm(folder, { recursive: true })
    },
  }
}

const write = (driver: Driver, path: string, text: string, modified?: number) =>
  driver.write(parsePath(path), { body: streamBytes(bytesOf(text)), size: bytesOf(text).length, modified })
const read = async (driver: Driver, path: string, version?: string): Promise<string> =>
  new Response((await driver.read(parsePath(path), { version })).body).text()
const namesOf = async (driver: Driver, path: string): Promise<string[]> =>
  (await driver.list(parsePath(path))).items.map(({ name }) => name).sort()

describe.skipIf(reason !== undefined).for(['personal', 'business', 'documentLibrary'] as const)(
  'OneDrive (%s), shared with rclone',
  (driveType) => {
    // This rclone knows only one kind of hash of each drive.
    const kind = driveType === 'personal' ? 'sha1' : 'quickxor'
    const hashOf = (bytes: Uint8Array): string => digestOf(bytes, kind === 'sha1' ? 'sha1' : 'quickXor').toString('hex')
    let shared: Shared
    beforeEach(async () => {
      shared = await share({ driveType })
    })
    afterEach(() => shared.close())

    it('names, bytes, times and hashes that rclone wrote are read here', async () => {
      const source = join(shared.folder, 'written-by-rclone')
      await mkdir(source)
      for (const [place, name] of names.entries()) {
        await writeFile(join(source, name), `content of ${name}`)
        await utimes(join(source, name), 1_600_000_000 + place, 1_600_000_000 + place)
      }
      await shared.rclone('copy', source, 'od:some folder')
      await shared.rclone('check', source, 'od:some folder')

      const shown = await shared.listed('some folder')
      expect(shown).toHaveLength(names.length)
      const driver = await shared.open({ hash_type: kind })
      expect(await namesOf(driver, 'some folder')).toEqual(shown.map(({ Path }) => Path).sort())
      for (const { Path, Size, ModTime, Hashes } of shown) {
        const text = await read(driver, `some folder/${Path}`)
        const entry = await driver.stat(parsePath(`some folder/${Path}`))
        expect(entry).toMatchObject({ size: Size, hashes: { [kind]: hashOf(bytesOf(text)) } })
        expect(Hashes?.[kind]).toBe(hashOf(bytesOf(text)))
        expect(entry.modified).toBe(Date.parse(ModTime))
      }
      for (const name of ['plain.txt', 'ha#sh', 'plus+and space', 'am&per=sand', ' left space', 'right dot.']) {
        expect(await read(driver, `some folder/${name}`)).toBe(await readFile(join(source, name), 'utf8'))
        const { mtimeMs } = await stat(join(source, name))
        expect((await driver.stat(parsePath(`some folder/${name}`))).modified).toBe(mtimeMs)
      }
    })

    it('names, bytes, times and hashes that were written here are read by rclone', async () => {
      const source = join(shared.folder, 'names')
      await mkdir(source)
      for (const name of names) await writeFile(join(source, name), '')
      const driver = await shared.open()
      await shared.rclone('copy', source, 'od:names')
      const written = await namesOf(driver, 'names')
      const modified = Date.UTC(2021, 4, 6, 7, 8, 9)
      for (const name of written) await write(driver, `a+b c/${name}`, `by filegate: ${name}`, modified)

      const files = (await shared.listed('a+b c')).filter(({ IsDir }) => !IsDir)
      expect(files.map(({ Path }) => Path).sort()).toEqual(written)
      for (const { Path, ModTime, Hashes } of files) {
        expect(Date.parse(ModTime)).toBe(modified)
        expect(Hashes?.[kind]).toBe(hashOf(bytesOf(`by filegate: ${Path}`)))
      }
      const target = join(shared.folder, 'read-by-rclone')
      await shared.rclone('copy', 'od:a+b c', target)
      expect(await readdir(target)).toHaveLength(written.length)
      await shared.rclone('check', '--download', target, 'od:a+b c')
    })

    it('a large file goes up in fragments and comes back whole, written by either', async () => {
      const content = largeContent()
      const file = join(shared.folder, 'large')
      await writeFile(file, content)
      await shared.rclone('copyto', file, 'od:large')
      const driver = await shared.open({ chunk_size: String(16 * unit), hash_type: kind })
      const { entry, body } = await driver.read(parsePath('large'))
      expect(entry).toMatchObject({ size: large, hashes: { [kind]: hashOf(content) } })
      expect(hashOf(Buffer.from(await new Response(body).arrayBuffer()))).toBe(hashOf(content))
      const part = await driver.read(parsePath('large'), { range: { start: large - 5 } })
      expect(Buffer.from(await new Response(part.body).arrayBuffer())).toEqual(content.subarray(-5))

      shared.onedrive.forget()
      const pieces = [content.subarray(0, 1000), content.subarray(1000, 9_000_000), content.subarray(9_000_000)]
      await driver.write(parsePath('back'), {
        body: ReadableStream.from(pieces),
        size: large,
        modified: 1_600_000_000_000,
      })
      const fragments = shared.onedrive.requests.filter(({ operation }) => operation === 'upload fragment')
      expect(fragments).toHaveLength(Math.ceil(large / (16 * unit)))
      expect(fragments.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
      await shared.rclone('copyto', 'od:back', join(shared.folder, 'back'))
      expect(hashOf(await readFile(join(shared.folder, 'back')))).toBe(hashOf(content))
      expect(await shared.rclone('hashsum', kind, 'od:back')).toContain(hashOf(content))
    })

    it('what either moves, copies and removes is so for the other', async () => {
      const driver = await shared.open()
      await write(driver, 'from/one.txt', 'one')
      await write(driver, 'from/deep/two.txt', 'two')
      await shared.rclone('moveto', 'od:from/one.txt', 'od:to/Eins.txt')
      await shared.rclone('copyto', 'od:from/deep', 'od:to/deep')
      expect(await read(driver, 'to/eins.TXT')).toBe('one')
      expect(await read(driver, 'to/deep/two.txt')).toBe('two')
      await driver.copy(parsePath('to/Eins.txt'), { destination: parsePath('to/copied.txt') })
      await driver.move(parsePath('to/deep/two.txt'), { destination: parsePath('moved.txt') })
      expect((await shared.rclone('lsf', '-R', '--files-only', 'od:')).split('\n').filter(Boolean).sort()).toEqual([
        'from/deep/two.txt',
        'moved.txt',
        'to/Eins.txt',
        'to/copied.txt',
      ])
      await shared.rclone('purge', 'od:from')
      expect(await namesOf(driver, '')).toEqual(['moved.txt', 'to'])
      await driver.remove(parsePath('moved.txt'))
      expect(await shared.rclone('lsf', 'od:')).toBe('to/\n')
    })

    it('empty folders, and times that either changes, are those of the other', async () => {
      const driver = await shared.open()
      await driver.makeDirectory(parsePath('empty/deep'))
      expect(await shared.rclone('lsf', '-R', 'od:')).toBe('empty/\nempty/deep/\n')
      await shared.rclone('mkdir', 'od:other')
      expect(await namesOf(driver, '')).toEqual(['empty', 'other'])
      await write(driver, 'file', 'content')
      await driver.setModified(parsePath('file'), { modified: Date.UTC(2019, 0, 1) })
      const [found] = (await shared.listed('')).filter(({ Path }) => Path === 'file')
      expect(Date.parse(found?.ModTime ?? '')).toBe(Date.UTC(2019, 0, 1))
      await shared.rclone('touch', '--timestamp', '2001-02-03T04:05:06', 'od:file')
      expect((await driver.stat(parsePath('file'))).modified).toBe(Date.UTC(2001, 1, 3, 4, 5, 6))
    })

    it('versions that rclone makes are read here, and rclone clears them away where the service lets it', async () => {
      const file = join(shared.folder, 'file')
      for (const text of ['first', 'second', 'third']) {
        await writeFile(file, text)
        await shared.rclone('copyto', '--ignore-times', file, 'od:file')
      }
      const driver = await shared.open()
      const { items } = await driver.revisions(parsePath('file'))
      const texts = await Promise.all(items.map(({ version }) => read(driver, 'file', version)))
      expect(texts.filter((text, place) => text !== texts[place - 1])).toEqual(['third', 'second', 'first'])
      await shared.rclone('cleanup', 'od:')
      const left = (await driver.revisions(parsePath('file'))).items.length
      expect(left).toBe(driveType === 'personal' ? items.length : 1)
    })

    it('says to both how much room there is, and gives both a link', async () => {
      const driver = await shared.open()
      await write(driver, 'file', 'twelve bytes')
      const told: unknown = JSON.parse(await shared.rclone('about', '--json', 'od:'))
      const usage = await driver.about(parsePath(''))
      expect(told).toMatchObject({ total: usage.total, used: 12, free: usage.free })
      expect(usage.used).toBe(12)
      const link = (await shared.rclone('link', 'od:file')).trim()
      expect(link).toMatch(/^https:\/\//)
      const ours = await driver.publicLink(parsePath('file'))
      expect(ours).toMatch(/^https:\/\//)
      const shares = shared.onedrive.requests.filter(({ operation }) => operation === 'create link')
      expect(shares.map(({ status }) => status)).toEqual([201, 200])
    })
  },
)

it.skipIf(reason !== undefined)('reads a folder that somebody else shares, as rclone does', async () => {
  const shared = await share({ drives: [{ type: 'personal' }, { type: 'personal', owner: 'bob@contoso.com' }] })
  onTestFinished(() => shared.close())
  const { tree, drives } = shared.onedrive
  const [mine, theirs] = drives.map(({ root }) => root)
  if (mine === undefined || theirs === undefined) throw new Error('There are two drives.')
  const folder = tree.addFolder({ name: 'theirs', parents: [theirs] })
  tree.addFile({ name: 'inside.txt', parents: [folder.id], bytes: bytesOf('shared with me') })
  shared.onedrive.share(folder.id, shared.onedrive.users[0], ['write'])
  shared.onedrive.addShortcut(folder.id, { name: 'from bob', parent: mine })
  expect(await shared.rclone('cat', 'od:from bob/inside.txt')).toBe('shared with me')
  const driver = await shared.open()
  expect(await namesOf(driver, 'from bob')).toEqual(['inside.txt'])
  expect(await read(driver, 'from bob/inside.txt')).toBe('shared with me')
  await write(driver, 'from bob/new.txt', 'by ann')
  expect(await shared.rclone('cat', 'od:from bob/new.txt')).toBe('by ann')
})

it.skipIf(reason !== undefined)('a token that has run out is renewed where users sign in, by either', async () => {
  const application = { clientId: 'filegate', secret: 'a secret' }
  const shared = await share(
    { driveType: 'business', applications: [application], reuse: 0 },
    { lifetime: -60 },
    { RCLONE_CONFIG_OD_CLIENT_ID: 'filegate', RCLONE_CONFIG_OD_CLIENT_SECRET: 'a secret' },
  )
  onTestFinished(() => shared.close())
  const { onedrive } = shared
  expect(await shared.rclone('lsf', 'od:')).toBe('')
  expect(onedrive.entra.requests.at(-1)).toBe('POST /common/oauth2/v2.0/token refresh_token 200')
  const driver = await shared.open({
    client_id: 'filegate',
    client_secret: 'a secret',
    token: onedrive.tokenBlob({ lifetime: -60 }),
  })
  expect(await namesOf(driver, '')).toEqual([])
  expect(onedrive.entra.requests.at(-1)).toBe('POST /common/oauth2/v2.0/token refresh_token 200')
  const lost = onedrive.tokenBlob({ lifetime: -60 })
  onedrive.entra.revokeGrants(onedrive.users[0])
  const opening = shared.open({ client_id: 'filegate', client_secret: 'a secret', token: lost })
  await expect(opening).rejects.toThrow('Allow it anew')
})
