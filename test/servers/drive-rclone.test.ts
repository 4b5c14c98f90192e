import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DriverWith, openDriver, parsePath, requireMethods, streamBytes } from '@filegate/core'
import gdrive from '@filegate/driver-gdrive'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type SimulatedDrive, startDrive } from '../simulators/drive/start-drive.ts'
import { type HttpsProxy, startHttpsProxy } from '../simulators/https-proxy/start-https-proxy.ts'
import { vendorFetch } from '../simulators/vendor-fetch.ts'
import { awkwardNames } from './awkward-names.ts'
import { missingPrograms, run } from './programs.ts'

const reason = missingPrograms({ rclone: 'rclone' })
if (reason) console.log(`Skipped: Google Drive beside rclone, ${reason}`)

/** As a file can be called on disk. */
const names: readonly string[] = [...awkwardNames, "both \\' of them", 'ends in back\\', '‛．', 'Case', 'case']

const md5Of = (content: Uint8Array | string): string => createHash('md5').update(content).digest('hex')

/** Different at every place, so that swapped chunks show. */
function patterned(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) % 4_294_967_296, at)
  return bytes
}

interface Listed {
  readonly Path: string
  readonly Name: string
  readonly Size: number
  readonly ModTime: string
  readonly IsDir: boolean
  readonly ID: string
  readonly Hashes?: { readonly md5?: string }
}

describe.skipIf(reason !== undefined)('Google Drive, simulated, used by rclone', () => {
  let service: SimulatedDrive
  let proxy: HttpsProxy
  let folder: string

  /** @param options of the remote, as its configuration has them */
  async function rcloneWith(options: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
    const token = { access_token: service.issueToken(), token_type: 'Bearer', expiry: '2099-01-01T00:00:00Z' }
    const settings = {
      type: 'drive',
      scope: 'drive',
      client_id: 'client',
      client_secret: 'secret',
      token: JSON.stringify(token),
      pacer_min_sleep: '1ms',
      ...options,
    }
    const remote = Object.entries(settings).map(([name, value]) => [`RCLONE_CONFIG_DRIVE_${name.toUpperCase()}`, value])
    const common = ['--config', join(folder, 'none.conf'), '--retries', '1', '--low-level-retries', '3']
    const way = { HTTPS_PROXY: proxy.url, NO_PROXY: '127.0.0.1', RCLONE_CA_CERT: proxy.caFile }
    return run('rclone', [...common, ...args], { ...way, ...Object.fromEntries(remote) })
  }
  const rclone = (...args: readonly string[]): Promise<string> => rcloneWith({}, ...args)
  const listedWith = async (options: Readonly<Record<string, string>>, place = ''): Promise<Listed[]> =>
    JSON.parse(await rcloneWith(options, 'lsjson', '-R', '--hash', `drive:${place}`))
  const listed = (place: string): Promise<Listed[]> => listedWith({}, place)
  const pathsOf = (entries: readonly Listed[]): string[] => entries.map(({ Path }) => Path).sort()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filegate-drive-rclone-'))
    service = await startDrive({ pageLimit: 20 })
    proxy = await startHttpsProxy({ routes: service.routes })
    const source = join(folder, 'source')
    await mkdir(join(source, 'deep', 'er'), { recursive: true })
    for (const [place, name] of names.entries()) {
      await writeFile(join(source, name), `content of ${name}`)
      await utimes(join(source, name), 1_600_000_000 + place, 1_600_000_000 + place + 0.5)
    }
    await writeFile(join(source, 'deep', 'er', 'empty'), '')
    await writeFile(join(source, 'deep', 'large'), patterned(20_000_001))
    await writeFile(join(folder, 'note.txt'), 'imported')
    await rclone('copy', source, 'drive:up')
  })
  afterAll(async () => {
    await proxy.close()
    await service.close()
    await rm(folder, { recursive: true })
  })
  beforeEach(() => {
    service.forget()
  })

  it('copies up and down with awkward names, times and checksums, over pages of listings', async () => {
    const source = join(folder, 'source')
    await rclone('copy', '--checksum', source, 'drive:up again', '--drive-chunk-size', '4M')
    expect(service.count('upload.continue')).toBe(5)
    expect(service.requests.filter(({ status }) => status >= 400)).toEqual([])

    await rclone('check', source, 'drive:up again')
    const shown = await listed('up again')
    expect(shown.filter(({ IsDir }) => !IsDir)).toHaveLength(names.length + 2)
    expect(shown.find(({ Path }) => Path === 'deep/large')).toMatchObject({
      Size: 20_000_001,
      Hashes: { md5: md5Of(patterned(20_000_001)) },
    })
    const target = join(folder, 'target')
    await rclone('copy', '--checksum', 'drive:up again', target)
    expect((await readdir(target, { encoding: 'buffer' })).map(String).sort()).toEqual(
      (await readdir(source, { encoding: 'buffer' })).map(String).sort(),
    )
    expect((await stat(join(target, 'plain.txt'))).mtimeMs).toBe(1_600_000_000_500)
    expect(await readFile(join(target, 'deep', 'large'))).toEqual(patterned(20_000_001))
  })

  it('moves and copies on the service, touches, and reads ranges', async () => {
    await rclone('copyto', join(folder, 'source', 'plain.txt'), 'drive:moving/a.txt')
    service.forget()
    await rclone('moveto', 'drive:moving/a.txt', 'drive:moving/inner/b.txt')
    await rclone('copyto', 'drive:moving/inner/b.txt', 'drive:moving/c.txt')
    const downloads = service.requests.filter(({ query }) => query.get('alt') === 'media')
    expect([service.count('files.copy'), service.count('upload'), downloads.length]).toEqual([1, 0, 0])
    await rclone('touch', '--timestamp', '2001-02-03T04:05:06.789', 'drive:moving/c.txt')
    const content = 'content of plain.txt'
    expect(await rclone('cat', '--offset', '3', '--count', '4', 'drive:moving/c.txt')).toBe(content.slice(3, 7))
    const entries = await listed('moving')
    expect(pathsOf(entries)).toEqual(['c.txt', 'inner', 'inner/b.txt'])
    expect(entries.find(({ Path }) => Path === 'c.txt')).toMatchObject({
      ModTime: '2001-02-03T04:05:06.789Z',
      Hashes: { md5: md5Of(content) },
    })
    await rclone('moveto', 'drive:moving/inner', 'drive:moving/renamed')
    expect(pathsOf(await listed('moving'))).toEqual(['c.txt', 'renamed', 'renamed/b.txt'])
  })

  it('removes into the trash, empties it, and counts what is used', async () => {
    const about = async (): Promise<Record<string, number>> => JSON.parse(await rclone('about', '--json', 'drive:'))
    const before = await about()
    await rclone('copyto', join(folder, 'source', 'deep', 'large'), 'drive:trash/large')
    await rclone('mkdir', 'drive:trash/empty/emptier')
    await rclone('rmdirs', 'drive:trash', '--leave-root')
    expect(pathsOf(await listed('trash'))).toEqual(['large'])
    await rclone('deletefile', 'drive:trash/large')
    expect(await about()).toMatchObject({
      total: 15 * 1024 ** 3,
      used: before.used === undefined ? -1 : before.used + 20_000_001,
      trashed: 20_000_001,
    })
    expect(pathsOf(await listedWith({ trashed_only: 'true' }, 'trash'))).toContain('large')
    await rclone('cleanup', 'drive:')
    expect(await about()).toEqual({ ...before, free: before.free })
    await rclone('purge', 'drive:trash')
    await expect(listed('trash')).rejects.toThrow('directory not found')
  })

  it('lists duplicates and names with slashes, and makes the duplicates different', async () => {
    const { id: parent } = service.add({ kind: 'folder', name: 'twice' })
    for (const bytes of ['one', 'two']) service.add({ name: 'same', parent, bytes })
    service.add({ name: 'a/b', parent, bytes: 'slash' })
    expect(pathsOf(await listed('twice'))).toEqual(['a／b', 'same', 'same'])
    expect(await rclone('cat', 'drive:twice/a／b')).toBe('slash')
    await rclone('dedupe', 'rename', 'drive:twice')
    expect(pathsOf(await listed('twice'))).toEqual(['a／b', 'same-1', 'same-2'])
  })

  it('exports Google documents, follows shortcuts, and imports', async () => {
    const { id: parent } = service.add({ kind: 'folder', name: 'office' })
    service.add({ name: 'letter', parent, document: 'Dear reader' })
    const real = service.add({ kind: 'folder', name: 'real' })
    service.add({ name: 'inside.txt', parent: real.id, bytes: 'here' })
    service.add({ name: 'way', parent, shortcutTo: real.id })
    service.add({ name: 'nowhere', parent, shortcutTo: '1gone' })
    const formats = { export_formats: 'txt,docx', skip_dangling_shortcuts: 'true' }
    expect(pathsOf(await listedWith(formats, 'office'))).toEqual(['letter.txt', 'way', 'way/inside.txt'])
    expect(await rcloneWith(formats, 'cat', 'drive:office/letter.txt')).toBe('Dear reader')
    expect(await rcloneWith({ export_formats: 'docx' }, 'cat', 'drive:office/letter.docx')).toMatch(
      /^Exported as .*Dear/s,
    )
    await rcloneWith({ import_formats: 'txt', ...formats }, 'copy', join(folder, 'note.txt'), 'drive:office')
    expect(await rcloneWith(formats, 'cat', 'drive:office/note.txt')).toBe('imported')
    const [made] = service.tree.named(parent, 'note')
    expect(made?.contentType).toBe('application/vnd.google-apps.document')
  })

  it('works in shared drives, in the application’s folder, below a root, and in what others share', async () => {
    const drive = service.addDrive({ name: 'Team' })
    expect(JSON.parse(await rclone('backend', 'drives', 'drive:'))).toEqual([
      expect.objectContaining({ id: drive.id, name: 'Team' }),
    ])
    const inTeam = { team_drive: drive.id }
    await rcloneWith(inTeam, 'copy', join(folder, 'source', 'plain.txt'), 'drive:of the team')
    expect(pathsOf(await listedWith(inTeam))).toEqual(['of the team', 'of the team/plain.txt'])
    await rcloneWith(inTeam, 'moveto', 'drive:of the team/plain.txt', 'drive:plain')
    expect(service.tree.at(drive.id, ['plain'])).toBeDefined()

    const access_token = service.issueToken(['drive.appfolder'])
    const token = JSON.stringify({ access_token, token_type: 'Bearer', expiry: '2099-01-01T00:00:00Z' })
    const inApp = { scope: 'drive.appfolder', root_folder_id: 'appDataFolder', token }
    await rcloneWith(inApp, 'copy', join(folder, 'source', 'plain.txt'), 'drive:hidden')
    expect(pathsOf(await listedWith(inApp))).toEqual(['hidden', 'hidden/plain.txt'])
    expect(pathsOf(await listed(''))).not.toContain('hidden')

    const theirs = service.add({ kind: 'folder', name: 'theirs', owner: 'you@example.com' })
    service.add({ name: 'b.txt', parent: theirs.id, owner: 'you@example.com', bytes: 'b' })
    service.share(theirs.id, { role: 'reader', resourceKey: '0-key' })
    const below = { root_folder_id: theirs.id }
    await expect(rcloneWith(below, 'lsf', 'drive:')).rejects.toThrow('notFound')
    expect(pathsOf(await listedWith({ ...below, resource_key: '0-key' }))).toEqual(['b.txt'])
    service.share(theirs.id, { role: 'reader', email: service.user.email })
    expect(pathsOf(await listedWith({ shared_with_me: 'true' }))).toEqual(['theirs', 'theirs/b.txt'])
  })

  it('logs in with a service account that acts for a user, and with a refresh token', async () => {
    const key = await service.tokens.addServiceAccount('robot')
    const scope = 'https://www.googleapis.com/auth/drive'
    const robot = { service_account_credentials: JSON.stringify(key), token: '' }
    service.tokens.delegate(key.client_email, service.user.email, [scope])
    expect(pathsOf(await listedWith(robot))).toEqual([])
    expect(pathsOf(await listedWith({ ...robot, impersonate: service.user.email }))).toContain('up')
    const login = service.tokens.addUser(service.user.email, [scope])
    const blob = { access_token: 'old', token_type: 'Bearer', refresh_token: login.refreshToken }
    const refreshed = {
      client_id: login.clientId,
      client_secret: login.clientSecret,
      token: JSON.stringify({ ...blob, expiry: '2001-01-01T00:00:00Z' }),
    }
    expect(pathsOf(await listedWith(refreshed))).toContain('up')
    service.tokens.revoke(login.refreshToken)
    await expect(listedWith(refreshed)).rejects.toThrow('invalid_grant')
  })

  it('reads through version 2, keeps revisions, goes on after limits, and tells of quotas and abuse', async () => {
    await rcloneWith(
      { v2_download_min_size: '1' },
      'check',
      '--download',
      join(folder, 'source', 'deep'),
      'drive:up/deep',
    )
    expect(service.count('v2.files.get')).toBeGreaterThan(1)

    await rcloneWith({ keep_revision_forever: 'true' }, 'copyto', join(folder, 'note.txt'), 'drive:kept')
    await rcloneWith({ keep_revision_forever: 'true' }, 'copyto', join(folder, 'source', 'plain.txt'), 'drive:kept')
    const kept = service.tree.at(service.user.root, ['kept'])
    expect(kept?.revisions.map(({ facts }) => facts.keepForever)).toEqual([true, true])

    service.fail(
      { call: 'files.list', reason: 'userRateLimitExceeded' },
      { call: 'files.list', reason: 'backendError' },
    )
    expect(pathsOf(await listed('up/deep'))).toEqual(['er', 'er/empty', 'large'])
    service.fail({ call: 'upload.continue', cutAfter: 0 })
    await rclone('copyto', join(folder, 'source', 'deep', 'large'), 'drive:again', '--drive-chunk-size', '8M')
    expect(service.tree.at(service.user.root, ['again'])?.revisions[0]?.bytes).toEqual(patterned(20_000_001))

    service.notes(kept?.id ?? '').abusive = true
    await expect(rclone('cat', 'drive:kept')).rejects.toThrow('cannotDownloadAbusiveFile')
    expect(await rcloneWith({ acknowledge_abuse: 'true' }, 'cat', 'drive:kept')).toBe('content of plain.txt')
    const { used } = service.tree.quota(service.user.root)
    service.tree.setTotal(service.user.root, used)
    await expect(rclone('copyto', join(folder, 'note.txt'), 'drive:too much')).rejects.toThrow('storageQuotaExceeded')
    service.tree.setTotal(service.user.root, undefined)
  })

  describe('and by filegate', () => {
    let driver: DriverWith<'write' | 'makeDirectory' | 'copy' | 'move' | 'setModified' | 'walk'>

    beforeAll(async () => {
      driver = requireMethods(
        await openDriver(
          gdrive,
          { token: JSON.stringify({ access_token: service.issueToken() }), pacer_burst: 1_000_000 },
          { fetch: vendorFetch(service.routes) },
        ),
        'write',
        'makeDirectory',
        'copy',
        'move',
        'setModified',
        'walk',
      )
    })
    afterAll(() => driver.close?.())

    const textAt = async (path: string): Promise<string> =>
      new Response((await driver.read(parsePath(path))).body).text()
    async function namesIn(path: string): Promise<string[]> {
      const found: string[] = []
      let cursor: string | undefined
      do {
        const page = await driver.list(parsePath(path), { cursor })
        found.push(...page.items.map(({ name }) => name))
        cursor = page.cursor
      } while (cursor !== undefined)
      return found.sort()
    }

    it('names, bytes, times and hashes that rclone wrote are read here', async () => {
      const shown = (await listed('up')).filter(({ Path }) => !Path.startsWith('deep'))
      expect(shown).toHaveLength(names.length)
      expect(await namesIn('up')).toEqual([...pathsOf(shown), 'deep'].sort())
      for (const { Path, ModTime, Hashes, Size } of shown) {
        const path = parsePath(`up/${Path}`)
        expect(await driver.stat(path)).toMatchObject({
          size: Size,
          modified: Date.parse(ModTime),
          hashes: { md5: Hashes?.md5 },
        })
        expect(md5Of(await textAt(`up/${Path}`))).toBe(Hashes?.md5)
      }
      const { entry, body } = await driver.read(parsePath('up/deep/large'))
      expect(entry.hashes).toMatchObject({ md5: md5Of(patterned(20_000_001)) })
      expect(Buffer.from(await new Response(body).arrayBuffer())).toEqual(patterned(20_000_001))
    })

    it('names, bytes, times and hashes that were written here are read by rclone', async () => {
      const written = [
        ...pathsOf(await listed('up')).filter((path) => !path.startsWith('deep')),
        'quote‛‛inside',
        'a／b',
      ]
      const modified = Date.UTC(2021, 4, 6, 7, 8, 9, 123)
      for (const name of written) {
        const content = new TextEncoder().encode(`by filegate: ${name}`)
        await driver.write(parsePath(`ours/a+b c/${name}`), {
          body: streamBytes(content),
          size: content.length,
          modified,
        })
      }
      await driver.makeDirectory(parsePath('ours/empty'))
      const large = patterned(30_000_003)
      await driver.write(parsePath('ours/large'), { body: streamBytes(large), modified })
      const entries = await listed('ours')
      expect(pathsOf(entries)).toEqual(['a+b c', 'empty', 'large', ...written.map((name) => `a+b c/${name}`)].sort())
      for (const { Path, Name, ModTime, Hashes, IsDir } of entries) {
        if (IsDir) continue
        expect(Date.parse(ModTime)).toBe(modified)
        expect(Hashes?.md5).toBe(md5Of(Path === 'large' ? large : `by filegate: ${Name}`))
      }
      const target = join(folder, 'ours')
      await rclone('copy', 'drive:ours', target)
      await rclone('check', '--download', target, 'drive:ours')
      expect(await readFile(join(target, 'a+b c', 'line\nfeed'), 'utf8')).toMatch(/^by filegate: line/)
    })

    it('what either moves, copies, touches or replaces is so for the other', async () => {
      await driver.move(parsePath('ours/large'), { destination: parsePath('ours/empty/moved') })
      await driver.copy(parsePath('ours/a+b c/plain.txt'), { destination: parsePath('ours/copied') })
      await driver.setModified(parsePath('ours/copied'), { modified: Date.UTC(2019, 0, 1) })
      const entries = await listed('ours')
      expect(pathsOf(entries)).toEqual(expect.arrayContaining(['copied', 'empty/moved']))
      expect(entries.find(({ Path }) => Path === 'copied')?.ModTime).toBe('2019-01-01T00:00:00.000Z')

      await rclone('moveto', 'drive:ours/copied', 'drive:ours/empty/back')
      await rclone('copyto', join(folder, 'note.txt'), 'drive:ours/empty/moved')
      expect(await textAt('ours/empty/moved')).toBe('imported')
      expect(await textAt('ours/empty/back')).toBe('by filegate: plain.txt')
      const before = (await listed('ours/empty')).find(({ Name }) => Name === 'moved')
      await driver.write(parsePath('ours/empty/moved'), { body: streamBytes(Buffer.from('ours again')) })
      const after = (await listed('ours/empty')).find(({ Name }) => Name === 'moved')
      expect(after).toMatchObject({ ID: before?.ID, Size: 10 })
      expect(await rclone('cat', 'drive:ours/empty/moved')).toBe('ours again')
    })

    it('everything below a folder is the same to both', async () => {
      const found: string[] = []
      let cursor: string | undefined
      do {
        const page = await driver.walk(parsePath('ours'), { cursor })
        found.push(...page.items.map(({ path }) => path.replace(/^ours\//, '')))
        cursor = page.cursor
      } while (cursor !== undefined)
      expect(found.sort()).toEqual(pathsOf(await listed('ours')))
    })
  })
})
