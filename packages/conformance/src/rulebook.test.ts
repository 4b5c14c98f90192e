import {
  around,
  baseName,
  collectBytes,
  type Entry,
  joinPath,
  type Operation,
  parentPath,
  parsePath,
  type StorageDriver,
  StorageError,
  type StoragePath,
  streamBytes,
} from '@filegate/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { allRules, setStage } from './describe-driver.ts'
import { memoryHarness } from './memory-harness.ts'
import type { Stage } from './rule.ts'

/** A driver with one thing wrong, and rules that have to notice. */
interface Sabotage {
  readonly what: string
  readonly wrap: (driver: StorageDriver) => StorageDriver
  readonly noticedBy: readonly string[]
}

type Write = NonNullable<StorageDriver['write']>

const withList = (
  driver: StorageDriver,
  change: (entries: readonly Entry[], path: StoragePath) => readonly Entry[],
) => ({
  ...driver,
  list: async (...[path, options]: Parameters<StorageDriver['list']>) => {
    const page = await driver.list(path, options)
    return { ...page, items: change(page.items, path) }
  },
})

const withStat = (driver: StorageDriver, change: (entry: Entry) => Entry) => ({
  ...driver,
  stat: async (path: StoragePath, options?: Operation) => change(await driver.stat(path, options)),
})

const withWrite = (driver: StorageDriver, change: (write: Write) => Write): StorageDriver => ({
  ...driver,
  write: change((path, options) => driver.write?.(path, options) ?? Promise.reject(new Error('no write'))),
})

/** Turns the last name of a path before the driver sees it. */
const withNames = (driver: StorageDriver, change: (name: string) => string): StorageDriver =>
  around(driver, async ({ path }, proceed) =>
    proceed({ path: path === '' ? path : joinPath(parentPath(path), change(baseName(path))) }),
  )

const rethrown = (driver: StorageDriver, change: (error: StorageError) => unknown): StorageDriver =>
  around(driver, async (_call, proceed) => {
    try {
      return await proceed()
    } catch (error) {
      throw StorageError.is(error) ? change(error) : error
    }
  })

const sabotages: readonly Sabotage[] = [
  {
    what: 'lists a directory in itself',
    wrap: (driver) =>
      withList(driver, (entries, path) => [...entries, { kind: 'directory', path, name: baseName(path) || '.' }]),
    noticedBy: ['list yields each child once, and never the directory itself'],
  },
  {
    what: 'lists a child twice',
    wrap: (driver) => withList(driver, (entries) => [...entries, ...entries.slice(0, 1)]),
    noticedBy: ['list yields each child once, and never the directory itself'],
  },
  {
    what: 'lists one page only',
    wrap: (driver) => ({
      ...driver,
      list: async (path, options) => ({ items: (await driver.list(path, options)).items }),
    }),
    noticedBy: [
      'list yields all of a crowded directory, page by page',
      'a page of a listing holds at most as many entries as were asked for',
    ],
  },
  {
    what: 'never ends a listing',
    wrap: (driver) => ({
      ...driver,
      list: async (path, options) => ({ ...(await driver.list(path, options)), cursor: 'more' }),
    }),
    noticedBy: ['the last page of a listing has no cursor', 'list of an empty directory yields nothing'],
  },
  {
    what: 'ignores the limit',
    wrap: (driver) => ({ ...driver, list: (path, options) => driver.list(path, { ...options, limit: undefined }) }),
    noticedBy: ['a page of a listing holds at most as many entries as were asked for'],
  },
  {
    what: 'throws errors of its own kind',
    wrap: (driver) => rethrown(driver, ({ message }) => new Error(message)),
    noticedBy: ['a missing path rejects with NotFound, on every method', 'list of a file rejects with NotADirectory'],
  },
  {
    what: 'calls everything unexpected',
    wrap: (driver) => rethrown(driver, ({ message, path }) => new StorageError('Unexpected', message, { path })),
    noticedBy: ['stat of a missing path rejects with NotFound', 'read of a directory rejects with IsADirectory'],
  },
  {
    what: 'forgets the path of an error',
    wrap: (driver) => rethrown(driver, ({ code, message }) => new StorageError(code, message)),
    noticedBy: ['an error knows its path and is permanent when trying again cannot help'],
  },
  {
    what: 'ignores ranges',
    wrap: (driver) => ({ ...driver, read: (path, options) => driver.read(path, { ...options, range: undefined }) }),
    noticedBy: [
      'a suffix gives the last so many bytes',
      'a range that starts at the end rejects with RangeNotSatisfiable',
      'a range on an empty file rejects with RangeNotSatisfiable',
    ],
  },
  {
    what: 'takes the end of a range as inclusive',
    wrap: (driver) => ({
      ...driver,
      read: (path, { range, ...options } = {}) => {
        const end = range && 'start' in range && range.end !== undefined ? range.end + 1 : undefined
        return driver.read(path, { ...options, range: range && 'start' in range ? { ...range, end } : range })
      },
    }),
    noticedBy: ['a range gives the bytes from its start up to, not including, its end'],
  },
  {
    what: 'holds whole files',
    wrap: (driver) => ({
      ...driver,
      async read(path, options) {
        const result = await driver.read(path, options)
        const bytes = await collectBytes(result.body)
        return { ...result, body: new Blob([bytes]).stream().pipeThrough(whole(bytes.length)) }
      },
    }),
    noticedBy: ['read streams: no chunk holds a whole large file'],
  },
  {
    what: 'ignores signals',
    wrap: (driver) => ({
      ...driver,
      stat: (path) => driver.stat(path),
      read: (path, options) => driver.read(path, { ...options, signal: undefined }),
    }),
    noticedBy: [
      'a signal that is aborted beforehand rejects with Aborted, on every method',
      'aborting the signal ends a body that is being read',
      '50 files can be read at once while half of them are aborted',
    ],
  },
  {
    what: 'ignores conditions',
    wrap: (driver) => ({
      ...driver,
      read: (path, options) => driver.read(path, { ...options, conditions: undefined }),
    }),
    noticedBy: [
      'if-none-match with the etag of the file rejects with NotModified',
      'if-match with another etag rejects with PreconditionFailed',
    ],
  },
  {
    what: 'composes accents',
    wrap: (driver) => withNames(driver, (name) => name.normalize('NFC')),
    noticedBy: ['a name with a combining accent stays as it is'],
  },
  {
    what: 'trims names',
    wrap: (driver) => withNames(driver, (name) => name.trim() || name),
    noticedBy: ['a name with a space at its end stays as it is', 'every awkward name can be written, read and removed'],
  },
  {
    what: 'unescapes names',
    wrap: (driver) => withNames(driver, (name) => name.replace('%2F', '_')),
    noticedBy: ['a name with an escaped slash, literally stays as it is'],
  },
  {
    what: 'ignores case and does not say so',
    wrap: (driver) => withNames(driver, (name) => (name === 'MIXEDCASE.TXT' ? 'MixedCase.txt' : name)),
    noticedBy: ['a name in another case is another name'],
  },
  {
    what: 'tells times in seconds',
    wrap: (driver) => withStat(driver, (entry) => ({ ...entry, modified: (entry.modified ?? 0) / 1000 })),
    noticedBy: ['a modification time is in Unix milliseconds', 'write keeps the modification time that it is given'],
  },
  {
    what: 'makes an etag of the time',
    wrap: (driver) =>
      withStat(driver, (entry) => (entry.kind === 'file' ? { ...entry, etag: '"always the same"' } : entry)),
    noticedBy: ['an etag changes whenever the bytes do', 'list and stat say the same of a file'],
  },
  {
    what: 'does not quote etags',
    wrap: (driver) => withStat(driver, (entry) => (entry.kind === 'file' ? { ...entry, etag: 'bare' } : entry)),
    noticedBy: ['an etag is quoted and stays while the bytes stay'],
  },
  {
    what: 'hashes in upper case',
    wrap: (driver) => ({
      ...driver,
      hash: async (path, options) => ((await driver.hash?.(path, options)) ?? '').toUpperCase(),
    }),
    noticedBy: ['hash is the digest of the bytes in lower-case hexadecimal'],
  },
  {
    what: 'empties a file before it writes',
    wrap: (driver) =>
      withWrite(driver, (write) => async (path, options) => {
        await write(path, { body: streamBytes(new Uint8Array()) })
        return write(path, options)
      }),
    noticedBy: [
      'the old content stays whole until the new content is complete',
      'a body that breaks leaves the old content and nothing else',
      'a body that breaks makes no file where none was',
    ],
  },
  {
    what: 'leaves a temporary file behind when a write fails',
    wrap: (driver) =>
      withWrite(driver, (write) => async (path, options) => {
        try {
          return await write(path, options)
        } catch (error) {
          await write(parsePath(`${path}.tmp`), { body: streamBytes(new Uint8Array()) })
          throw error
        }
      }),
    noticedBy: ['a body that breaks leaves the old content and nothing else'],
  },
  {
    what: 'takes what came of a body for all of it',
    wrap: (driver) => withWrite(driver, (write) => (path, options) => write(path, { ...options, size: undefined })),
    noticedBy: ['a body of another size than announced leaves the old content'],
  },
  {
    what: 'removes whatever begins with the name',
    wrap: (driver) => ({
      ...driver,
      async remove(path, options) {
        const { items } = await driver.list(parentPath(path))
        await driver.remove?.(path, options)
        for (const entry of items) {
          if (entry.path !== path && entry.path.startsWith(path)) await driver.remove?.(entry.path)
        }
      },
    }),
    noticedBy: [
      'remove takes a file and nothing beside it',
      'remove takes a directory with all it holds and nothing beside it',
    ],
  },
  {
    what: 'overwrites without being told',
    wrap: (driver) => ({
      ...driver,
      copy: (path, options) => driver.copy?.(path, { ...options, overwrite: true }) ?? Promise.reject(new Error()),
    }),
    noticedBy: ['copy to where something is rejects with AlreadyExists and changes nothing'],
  },
  {
    what: 'moves by copying alone',
    wrap: (driver) => ({
      ...driver,
      move: (path, options) => driver.copy?.(path, options) ?? Promise.reject(new Error()),
    }),
    noticedBy: ['move puts a file at its destination and makes missing parents'],
  },
  {
    what: 'walks one level deep',
    wrap: (driver) => ({ ...driver, walk: (path, options) => driver.list(path, options) }),
    noticedBy: ['walk yields everything below a directory once, and never the directory itself'],
  },
]

/** Puts all chunks together into one. */
function whole(size: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size)
  let offset = 0
  return new TransformStream({
    transform(chunk) {
      bytes.set(chunk, offset)
      offset += chunk.length
    },
    flush: (controller) => controller.enqueue(bytes),
  })
}

describe('the rulebook', () => {
  let sound: Stage

  beforeAll(async () => {
    sound = await setStage(memoryHarness())
  })

  async function fails(title: string, stage: Stage): Promise<boolean> {
    const rule = allRules().find((candidate) => candidate.title === title)
    if (!rule) throw new Error(`There is no rule '${title}'.`)
    return rule.check(stage).then(
      () => false,
      () => true,
    )
  }

  it.each(sabotages)('notices a driver that $what', async ({ wrap, noticedBy }) => {
    const broken: Stage = { ...sound, driver: wrap(sound.driver) }
    for (const title of noticedBy) {
      expect([title, await fails(title, sound), await fails(title, broken)]).toEqual([title, false, true])
    }
  })
})
