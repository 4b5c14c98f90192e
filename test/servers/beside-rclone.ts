import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { collectBytes, type DriverWith, type Entry, parsePath, streamBytes } from '@filegate/core'
import { expect, it } from 'vitest'

/** A storage that keeps objects in buckets, to which rclone comes as well as the driver. */
export interface BesideRclone {
  readonly driver: () => DriverWith<'write'>
  readonly rclone: (...args: readonly string[]) => Promise<string>
  /** The name that the storage has at rclone. */
  readonly remote: string
  /** On the disk, for rclone. */
  readonly folder: () => string
  /** Of files as they can be called on disk. */
  readonly names: readonly string[]
  /** Whether a name that is no UTF-8 is tried, too. */
  readonly takesBytes: boolean
}

interface Listed {
  readonly Path: string
  readonly ModTime: string
  readonly IsDir: boolean
  readonly Hashes?: { readonly md5?: string }
}

const md5Of = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')
const bytesFor = (name: string): Uint8Array => new TextEncoder().encode(`by filegate: ${name}`)

/** JSON cannot hold the byte that is no UTF-8, which is spelled out here. */
const spelled = (name: string): string => name.replace('\ufffd', '‛FF')

/** What rclone lists below a place, in the order of paths. */
export async function listed({ rclone, remote }: BesideRclone, place: string): Promise<readonly Listed[]> {
  const found = JSON.parse(await rclone('lsjson', '-R', '--hash', `${remote}:${place}`)) as Listed[]
  return found
    .map((file) => ({ ...file, Path: spelled(file.Path) }))
    .toSorted((one, other) => (one.Path < other.Path ? -1 : 1))
}

/** All entries of a folder, in the order of names. */
export async function entriesOf({ driver }: Pick<BesideRclone, 'driver'>, path: string): Promise<readonly Entry[]> {
  const found: Entry[] = []
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await driver().list(parsePath(path), { cursor })
    found.push(...page.items)
    cursor = page.cursor
  }
  return found.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

export function itSharesNames(shared: BesideRclone): void {
  const { driver, rclone, remote, folder, names, takesBytes } = shared
  const namesOf = async (path: string) => (await entriesOf(shared, path)).map(({ name }) => name)

  it('names, bytes, times and hashes that rclone wrote are read here', async () => {
    const source = join(folder(), 'written-by-rclone')
    await mkdir(source)
    for (const [place, name] of names.entries()) {
      await writeFile(join(source, name), `content of ${name}`)
      await utimes(join(source, name), 1_600_000_000 + place, 1_600_000_000 + place + 0.123456)
    }
    const bytes = Buffer.concat([Buffer.from(`${source}/not utf-8 `), Buffer.from([0xff])])
    if (takesBytes) await writeFile(bytes, 'bytes')
    await rclone('copy', source, `${remote}:rclone-bucket/some folder`)

    const shown = (await listed(shared, 'rclone-bucket/some folder')).map(({ Path }) => Path)
    expect(shown).toHaveLength(names.length + (takesBytes ? 1 : 0))
    expect(await namesOf('rclone-bucket/some folder')).toEqual(shown)
    for (const name of shown) {
      const path = parsePath(`rclone-bucket/some folder/${name}`)
      const body = await collectBytes((await driver().read(path)).body)
      const entry = await driver().stat(path)
      expect(entry).toMatchObject({ kind: 'file', size: body.length, hashes: { md5: md5Of(body) } })
    }
    for (const name of ['plain.txt', 'co:lon', 'plus+and space', 'back\\slash', 'am&per=sand', 'ha#sh', 'right dot.']) {
      const path = parsePath(`rclone-bucket/some folder/${name}`)
      const { mtimeMs } = await stat(join(source, name))
      expect((await driver().stat(path)).modified).toBeCloseTo(mtimeMs, 2)
      const body = await new Response((await driver().read(path)).body).text()
      expect(body).toBe(await readFile(join(source, name), 'utf8'))
    }
  })

  it('names, bytes, times and hashes that were written here are read by rclone', async () => {
    // The last one stands for itself doubled; a file with it on disk is one that this rclone cannot open.
    const written = [...(await namesOf('rclone-bucket/some folder')), 'quote‛‛inside']
    const modified = Date.UTC(2021, 4, 6, 7, 8, 9, 123)
    for (const name of written) {
      const content = bytesFor(name)
      const path = parsePath(`filegate-bucket/a+b c/${name}`)
      await driver().write(path, { body: streamBytes(content), size: content.length, modified })
    }
    const files = (await listed(shared, 'filegate-bucket')).filter(({ IsDir }) => !IsDir)
    expect(files.map(({ Path }) => Path)).toEqual(written.map((name) => `a+b c/${name}`).sort())
    for (const { Path, ModTime, Hashes } of files) {
      expect(Date.parse(ModTime)).toBe(modified)
      expect(Hashes?.md5).toBe(md5Of(bytesFor(Path.slice('a+b c/'.length))))
    }
    const target = join(folder(), 'read-by-rclone')
    await rclone('copy', `${remote}:filegate-bucket/a+b c`, target)
    expect(await readdir(target, { encoding: 'buffer' })).toHaveLength(written.length)
    expect(await readFile(join(target, 'line\nfeed'), 'utf8')).toMatch(/^by filegate: line/)
    await rclone('check', target, `${remote}:filegate-bucket/a+b c`)
  })
}
