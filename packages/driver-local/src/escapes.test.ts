import { execFileSync } from 'node:child_process'
import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { collectBytes, type LocalAccess, localAccessOf, parsePath, StorageError } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { openAccess } from './access.ts'
import { openLocalDriver } from './driver.ts'
import { comparingLocator } from './locator-portable.ts'
import { isBelow } from './place.ts'
import { openRootFolder } from './root-folder.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { verifiedEntries } from './verified-entries.ts'
import { walkLocal } from './walk.ts'

const home = temporaryFolder()
const served = join(home, 'served')
const outside = join(home, 'outside')
mkdirSync(join(served, 'folder'), { recursive: true })
mkdirSync(join(outside, 'folder'), { recursive: true })
mkdirSync(join(home, 'served-too'))
writeFileSync(join(served, 'folder', 'inside.txt'), 'inside')
writeFileSync(join(outside, 'secret.txt'), 'secret')
writeFileSync(join(home, 'served-too', 'secret.txt'), 'secret')

/** Links in the served folder, by name, and what they say. */
const inwards = {
  'to-file': 'folder/inside.txt',
  'to-file-absolute': join(served, 'folder/inside.txt'),
  'to-file-by-way-of-outside': '../served/folder/inside.txt',
  'to-link': 'to-file',
} as const
const outwards = {
  'absolute-file': join(outside, 'secret.txt'),
  'relative-file': '../outside/secret.txt',
  'absolute-folder': outside,
  'relative-folder': '../outside',
  parent: '..',
  'file-system': '/',
  chain: 'chain-2',
  'chain-2': 'folder/../../outside/secret.txt',
  'sibling-with-the-same-start': '../served-too/secret.txt',
  'proc-root': '/proc/self/root/etc/passwd',
  zeros: '/dev/zero',
  terminal: '/dev/tty',
  dangling: 'nowhere',
  loop: 'loop',
  'loop-2': 'loop-3',
  'loop-3': 'loop-2',
  'to-pipe': 'pipe',
} as const
for (const [name, target] of [...Object.entries(inwards), ...Object.entries(outwards)]) {
  symlinkSync(target, join(served, name))
}
execFileSync('mkfifo', [join(served, 'pipe')])
linkSync(join(served, 'folder', 'inside.txt'), join(served, 'hard-link'))

const hidden = [
  ...Object.keys(outwards),
  'pipe',
  'absolute-folder/secret.txt',
  'relative-folder/secret.txt',
  'relative-folder/folder',
  'parent/outside/secret.txt',
  'file-system/etc/passwd',
  'folder/inside.txt/more',
  'folder\\..\\..\\outside\\secret.txt',
  '%2e%2e/outside/secret.txt',
]

/** Names that no file system takes. */
const impossible: Readonly<Record<string, string>> = {
  'a name of 300 bytes': 'n'.repeat(300),
  'a path of 7,000 bytes': `${'folder/'.repeat(1000)}x`,
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'no error'
  } catch (error) {
    return StorageError.is(error) ? error.code : String(error)
  }
}

const codeOfPromise = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (StorageError.is(error) ? error.code : String(error)),
  )

const driver = openLocalDriver({ root: served, followsSymlinks: false })
const access = accessOf(driver)
const portable = openAccess({
  folder: openRootFolder(served),
  locator: comparingLocator(({ realPath }) => isBelow(served, realPath)),
  followsSymlinks: false,
  narrowed: () => driver,
  verified: verifiedEntries(),
})

function accessOf(of: typeof driver): LocalAccess {
  const access = localAccessOf(of)
  if (!access) throw new Error('The driver offers no local access.')
  return access
}

describe('what leads outside, nowhere, or to no file', () => {
  /** The methods that answer anything but `NotFound`, and what. */
  async function otherAnswers(name: string): Promise<[string, string][]> {
    const path = parsePath(name)
    const answers: [string, string][] = [
      ['stat', await codeOfPromise(driver.stat(path))],
      ['list', await codeOfPromise(driver.list(path))],
      ['read', await codeOfPromise(driver.read(path))],
      ['hash', await codeOfPromise(driver.hash(path, { algorithm: 'sha256' }))],
    ]
    for (const local of [access, portable]) {
      answers.push(['local stat', codeOf(() => local.stat(path))])
      answers.push(['openFile', codeOf(() => local.openFile(path))])
      answers.push(['openDirectory', codeOf(() => local.openDirectory(path))])
    }
    return answers.filter(([, code]) => code !== 'NotFound')
  }

  it.each(hidden)('%s is missing to stat, list, read, hash and local access', async (name) => {
    expect(await otherAnswers(name)).toEqual([])
  })
  it.each(Object.keys(impossible))('so is %s', async (title) => {
    expect(await otherAnswers(impossible[title] ?? title)).toEqual([])
  })

  it('is in no listing', async () => {
    const names = (await driver.list(parsePath(''))).items.map(({ name }) => name).toSorted()
    expect(names).toEqual([...Object.keys(inwards), 'folder', 'hard-link'].toSorted())
  })

  it('is not entered by a walk, which tells of links but does not follow them', async () => {
    const found: Record<string, string> = {}
    for await (const items of walkLocal(access, parsePath(''))) for (const { path, kind } of items) found[path] = kind
    const links = [...Object.keys(inwards), ...Object.keys(outwards)].map((name) => [name, 'link'])
    expect(found).toEqual({
      ...Object.fromEntries(links),
      folder: 'directory',
      'folder/inside.txt': 'file',
      'hard-link': 'file',
    })
  })
})

describe('links that stay inside', () => {
  it.each(Object.entries(inwards))('%s is followed', async (name, target) => {
    const path = parsePath(name)
    const { entry, body } = await driver.read(path)
    expect(new TextDecoder().decode(await collectBytes(body))).toBe('inside')
    expect(entry).toMatchObject({ kind: 'file', size: 6, symlinkTarget: target })
    for (const local of [access, portable]) expect(local.stat(path)).toEqual(entry)
  })
})

describe('a driver that follows links', () => {
  const following = openLocalDriver({ root: served, followsSymlinks: true })

  it('shows what they lead to', async () => {
    const { body } = await following.read(parsePath('relative-folder/secret.txt'))
    expect(new TextDecoder().decode(await collectBytes(body))).toBe('secret')
    expect((await following.list(parsePath('absolute-folder'))).items.map(({ name }) => name).toSorted()).toEqual([
      'folder',
      'secret.txt',
    ])
  })

  it.each(['zeros', 'pipe', 'to-pipe', 'dangling', 'loop'])('still opens no device or pipe: %s', async (name) => {
    expect(await codeOfPromise(following.read(parsePath(name)))).toBe('NotFound')
  })
})

/** Tests may run as root, who is refused nothing. */
function asNobody(work: () => void): void {
  const user = process.geteuid?.()
  if (user === 0) process.seteuid?.(65_534)
  try {
    work()
  } finally {
    if (user === 0) process.seteuid?.(0)
  }
}

describe('refusals of the operating system', () => {
  it('inside the root are told, behind a link they are not', () => {
    chmodSync(home, 0o755)
    for (const folder of [served, outside]) {
      mkdirSync(join(folder, 'closed'))
      writeFileSync(join(folder, 'closed', 'file'), '')
      chmodSync(join(folder, 'closed'), 0)
    }
    symlinkSync('../outside/closed', join(served, 'to-closed'))
    asNobody(() => {
      for (const local of [access, portable]) {
        expect(codeOf(() => local.stat(parsePath('closed/file')))).toBe('AccessDenied')
        expect(codeOf(() => local.openDirectory(parsePath('closed/file')))).toBe('AccessDenied')
        expect(codeOf(() => local.stat(parsePath('to-closed/file')))).toBe('NotFound')
        expect(codeOf(() => local.openDirectory(parsePath('to-closed/file')))).toBe('NotFound')
      }
    })
    for (const folder of [served, outside]) chmodSync(join(folder, 'closed'), 0o700)
  })
})

describe('a tree that changes between two looks', () => {
  it('shows nothing more of a folder that was moved outside and linked to', async () => {
    mkdirSync(join(served, 'moving'))
    writeFileSync(join(served, 'moving', 'file.txt'), 'text')
    expect(access.stat(parsePath('moving/file.txt')).kind).toBe('file')
    renameSync(join(served, 'moving'), join(outside, 'moved'))
    symlinkSync(join(outside, 'moved'), join(served, 'moving'))
    expect(codeOf(() => access.stat(parsePath('moving/file.txt')))).toBe('NotFound')
    rmSync(join(served, 'moving'))
  })

  it('shows nothing of what the root was replaced by', () => {
    const folder = join(home, 'replaced')
    mkdirSync(folder)
    writeFileSync(join(folder, 'file.txt'), 'text')
    const local = accessOf(openLocalDriver({ root: folder, followsSymlinks: false }))
    renameSync(folder, join(home, 'moved-root'))
    symlinkSync(outside, folder)
    expect(codeOf(() => local.stat(parsePath('secret.txt')))).toBe('NotFound')
    expect(codeOf(() => local.openFile(parsePath('secret.txt')))).toBe('NotFound')
    expect(codeOf(() => local.openDirectory(parsePath('')))).toBe('NotFound')
  })
})
