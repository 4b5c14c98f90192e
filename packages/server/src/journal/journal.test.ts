import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { parsePath, streamBytes } from '@filegate/core'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { describeDatabases } from '../../../../test/databases/describe-databases.ts'
import { type JournaledFolder, journaledFolder, type JournaledOptions } from './testing/journaled-folder.ts'

await describeDatabases('the journal', ({ url }) => {
  const journaled = async (settings: JournaledOptions = {}) =>
    journaledFolder({ ...settings, databaseUrl: await url() })
  let place: JournaledFolder
  beforeEach(async () => {
    place = await journaled()
  })
  afterEach(() => place.close())

  const page = { afterId: 0, limit: 1000 }
  const at = (path: string): string => join(place.folder, path)

  async function operations(path = ''): Promise<string[]> {
    const { entries } = await place.journal.queries.entries({ ...page, path: parsePath(path) })
    return entries.map(({ op, path }) => `${op} ${path}`)
  }

  async function history(path: string): Promise<[number | null, string, string | null][]> {
    const entries = await place.journal.queries.history(parsePath(path), page)
    return entries.map(({ seq, op, path: at }) => [seq, op, at])
  }

  describe('what a request of ours does', () => {
    it('is in the journal when it is over', async () => {
      await place.write('notes/a.txt', 'one')
      await place.write('notes/a.txt', 'two')
      await place.changes.append(parsePath('notes/a.txt'), { body: streamBytes(Buffer.from('!')) })
      await place.changes.setMode(parsePath('notes/a.txt'), { mode: 0o600 })
      await place.changes.remove(parsePath('notes/a.txt'))
      expect(await operations()).toEqual([
        'mkdir notes',
        'create notes/a.txt',
        'write notes/a.txt',
        'append notes/a.txt',
        'chmod notes/a.txt',
        'delete notes/a.txt',
      ])
      const texts = (await place.journal.queries.history(parsePath('notes/a.txt'), page)).map(({ after }) => after)
      const textOf = async (hash: string | null) => (hash === null ? null : place.textOf(hash))
      expect(await Promise.all(texts.map(textOf))).toEqual(['one', 'two', 'two!', 'two!', null])
    })

    it('says that a file had gone before it was made again', async () => {
      for (const _ of ['by small uploads', 'by large ones']) {
        await place.write('a.txt', 'one')
        rmSync(at('a.txt'))
      }
      await place.write('a.txt', 'two')
      expect(await operations()).toEqual(['create', 'delete', 'create', 'delete', 'create'].map((op) => `${op} a.txt`))
    })

    it('enters what another program wrote just before', async () => {
      for (const _ of ['by small uploads', 'by large ones']) {
        writeFileSync(at('a.txt'), 'by another program')
        await place.write('a.txt', 'of ours')
      }
      expect(await operations()).toEqual(['create', 'write', 'write', 'write'].map((op) => `${op} a.txt`))
    })

    it('carries the history of a file through a move, and numbers go on', async () => {
      await place.write('old.txt', 'one')
      await place.write('old.txt', 'two')
      await place.write('new.txt', 'other')
      await place.changes.move(parsePath('old.txt'), { destination: parsePath('new.txt'), overwrite: true })
      await place.write('new.txt', 'three')
      expect(await history('new.txt')).toEqual([
        [2, 'create', 'old.txt'],
        [3, 'write', 'old.txt'],
        [1, 'create', 'new.txt'],
        [4, 'moved_to', 'new.txt'],
        [5, 'write', 'new.txt'],
      ])
      expect(await history('old.txt')).toEqual([
        [1, 'create', 'old.txt'],
        [2, 'write', 'old.txt'],
        [3, 'moved_from', 'old.txt'],
      ])
      const { queries } = place.journal
      const textOf = async (seq: number) => place.textOf((await queries.revision(parsePath('new.txt'), seq)).hash)
      expect(await Promise.all([1, 2, 3, 4, 5].map(textOf))).toEqual(['other', 'one', 'two', 'two', 'three'])
      expect(await queries.revisionsOf(parsePath('new.txt'))).toBe(5)
      await expect(queries.revision(parsePath('old.txt'), 3)).rejects.toThrow('was deleted or moved')
      await expect(queries.revision(parsePath('old.txt'), 9)).rejects.toThrow('has no revision 9')
    })

    it('tells of every file of a folder that is moved, copied or removed', async () => {
      await place.write('a/x/1', 'one')
      await place.write('a/2', 'two')
      await place.changes.copy(parsePath('a'), { destination: parsePath('b') })
      await place.changes.move(parsePath('a'), { destination: parsePath('c') })
      await place.changes.remove(parsePath('b'))
      const said = await operations()
      for (const op of [
        'dir_copied_from a',
        'dir_copied_to b',
        'dir_copied_to b/x',
        'copied_to b/x/1',
        'copied_to b/2',
      ]) {
        expect(said).toContain(op)
      }
      for (const op of ['dir_moved_from a', 'dir_moved_to c', 'dir_moved_to c/x', 'moved_to c/x/1', 'moved_from a/2']) {
        expect(said).toContain(op)
      }
      for (const op of ['dir_deleted b', 'dir_deleted b/x', 'delete b/x/1', 'delete b/2']) expect(said).toContain(op)
      expect((await history('c/x/1')).map(([seq, op]) => [seq, op])).toEqual([
        [1, 'create'],
        [2, 'moved_to'],
      ])
    })
  })

  it('has what another program wrote to a file while it was copied', async () => {
    const { storage, journal } = place
    const changes = journal.journaled({
      ...storage,
      async copy(path, options) {
        const entry = await storage.copy(path, options)
        writeFileSync(at('a.txt'), 'by another program')
        return entry
      },
    })
    await place.write('a.txt', 'one')
    await changes.copy(parsePath('a.txt'), { destination: parsePath('b.txt') })
    await place.write('a.txt', 'two')
    expect(await operations('a.txt')).toEqual(['create', 'write', 'copied_from', 'write'].map((op) => `${op} a.txt`))
    expect(await history('b.txt')).toEqual([[1, 'copied_to', 'b.txt']])
  })

  describe('what is written behind a link', () => {
    beforeEach(async () => {
      await place.close()
      place = await journaled({ followsSymlinks: true })
      for (const folder of ['one', 'two']) mkdirSync(at(folder))
      symlinkSync('one', at('now'))
      await place.journal.flush()
    })
    const swap = (): void => {
      symlinkSync('two', at('next'))
      renameSync(at('next'), at('now'))
    }

    it('is entered where it stands, though the link has just been changed', async () => {
      await place.write('now/a.txt', 'one')
      swap()
      for (const name of ['a', 'b']) await place.write(`now/${name}.txt`, 'two')
      for (const name of ['a', 'b']) expect(await operations(`two/${name}.txt`)).toEqual([`create two/${name}.txt`])
      expect(await operations('one')).toEqual(['mkdir one', 'create one/a.txt'])
    })

    it('is not entered where it does not stand, when the link is changed meanwhile', async () => {
      const { storage, journal } = place
      const changes = journal.journaled({
        ...storage,
        write(path, options) {
          swap()
          return storage.write(path, options)
        },
      })
      const whole = Buffer.from('x')
      await changes.write(parsePath('now/a.txt'), { body: streamBytes(whole), size: 1, whole })
      expect(await operations('one')).toEqual(['mkdir one'])
      await place.journal.flush()
      expect(await operations('two')).toEqual(['mkdir two', 'create two/a.txt'])
    })
  })

  describe('a journal that cannot be written', () => {
    it('keeps a file as it is whose state it could not note, and says so', async () => {
      await place.write('a', 'one')
      const tables = await place.openTables()
      await sql`alter table journal_entry rename to aside`.execute(tables.database)
      try {
        writeFileSync(at('a'), 'by another program')
        const { changes } = place
        const body = () => streamBytes(Buffer.from('two'))
        await expect(place.write('a', 'two')).rejects.toThrow('nothing was changed')
        await expect(changes.append(parsePath('a'), { body: body() })).rejects.toThrow('nothing was changed')
        await expect(changes.remove(parsePath('a'))).rejects.toThrow('nothing was changed')
        expect(readFileSync(at('a'), 'utf8')).toBe('by another program')
        await expect(place.write('b', 'two')).rejects.toThrow('The change was made')
      } finally {
        await sql`alter table aside rename to journal_entry`.execute(tables.database)
        await tables.close()
      }
    })
  })

  describe('what other programs do', () => {
    it('is found by watching, in folders that are new as well', async () => {
      mkdirSync(at('deep/er'), { recursive: true })
      writeFileSync(at('deep/er/file'), 'one')
      await place.journal.flush()
      writeFileSync(at('deep/er/file'), 'two')
      await place.journal.flush()
      renameSync(at('deep'), at('moved'))
      await place.journal.flush()
      appendFileSync(at('moved/er/file'), '!')
      chmodSync(at('moved/er'), 0o700)
      await place.journal.flush()
      utimesSync(at('moved/er/file'), 1, 1)
      rmSync(at('moved/er/file'))
      await place.journal.flush()
      expect(await operations()).toEqual([
        'mkdir deep',
        'mkdir deep/er',
        'create deep/er/file',
        'write deep/er/file',
        'dir_moved_from deep',
        'dir_moved_to moved',
        'dir_moved_from deep/er',
        'dir_moved_to moved/er',
        'moved_from deep/er/file',
        'moved_to moved/er/file',
        'chmod moved/er',
        'write moved/er/file',
        'delete moved/er/file',
      ])
      expect(
        (await place.journal.queries.entries({ ...page, path: parsePath('') })).entries.every(
          ({ reason }) => reason === 'by another program',
        ),
      ).toBe(true)
    })

    it('is found in a folder that was made anew, or replaced by another, at the same path', async () => {
      const written = (path: string): void => writeFileSync(at(path), path)
      for (const folder of ['dist', 'dist/deep', 'next']) mkdirSync(at(folder))
      for (const file of ['dist/old', 'dist/deep/old', 'next/old']) written(file)
      await place.journal.flush()
      rmSync(at('dist'), { recursive: true })
      mkdirSync(at('dist/deep'), { recursive: true })
      for (const file of ['dist/new', 'dist/deep/new']) written(file)
      await place.journal.flush()
      for (const file of ['dist/later', 'dist/deep/later']) written(file)
      await place.journal.flush()
      for (const file of ['dist/later', 'dist/deep/later', 'dist/new', 'dist/deep/new']) {
        expect(await operations(file)).toEqual([`create ${file}`])
      }
      for (const file of ['dist/old', 'dist/deep/old']) expect((await operations(file)).at(-1)).toBe(`delete ${file}`)
      renameSync(at('dist'), at('aside'))
      renameSync(at('next'), at('dist'))
      await place.journal.flush()
      written('dist/latest')
      written('aside/latest')
      await place.journal.flush()
      expect(await operations('dist/latest')).toEqual(['create dist/latest'])
      expect(await operations('aside/latest')).toEqual(['create aside/latest'])
      expect(await place.textAt('dist/old', Date.now())).toBe('next/old')
      expect(await place.textAt('aside/deep/new', Date.now())).toBe('dist/deep/new')
      expect(await place.textAt('dist/deep/new', Date.now())).toBeUndefined()
    })

    it('is not told twice when it was a request of ours', async () => {
      await place.write('a', 'one')
      await place.changes.append(parsePath('a'), { body: streamBytes(Buffer.from('!')) })
      await place.journal.flush()
      await place.journal.flush()
      expect(await operations()).toEqual(['create a', 'append a'])
    })

    it('is noted before a request of ours replaces it', async () => {
      await place.write('a', 'ours')
      writeFileSync(at('a'), 'theirs')
      await place.write('a', 'ours again')
      const said = await place.journal.queries.history(parsePath('a'), page)
      expect(await Promise.all(said.map(({ after }) => place.textOf(after ?? '')))).toEqual([
        'ours',
        'theirs',
        'ours again',
      ])
    })

    it('is left out where the journal was told so, or a tool makes it anew', async () => {
      await place.close()
      place = await journaled({ exclude: ['*.log', 'tmp/'] })
      for (const folder of ['node_modules/x', '.git', 'tmp', 'src']) mkdirSync(at(folder), { recursive: true })
      for (const file of ['node_modules/x/a', '.git/HEAD', 'tmp/b', 'src/c.log', 'src/d']) writeFileSync(at(file), file)
      await place.journal.flush()
      expect(await operations()).toEqual(['mkdir src', 'create src/d'])
    })
  })

  describe('after a start', () => {
    it('what happened meanwhile is found, and that its way is not known is said', async () => {
      await place.write('kept', 'same')
      await place.write('changed', 'before')
      await place.write('folder/moved', 'content')
      await place.write('gone', 'x')
      place = await place.reopened(() => {
        writeFileSync(at('changed'), 'after')
        renameSync(at('folder/moved'), at('there'))
        rmSync(at('gone'))
        writeFileSync(at('new'), 'new')
      })
      const later = (await operations()).slice(5)
      expect(later[0]).toBe('gap ')
      expect(later.slice(1).toSorted()).toEqual([
        'create new',
        'delete gone',
        'moved_from folder/moved',
        'moved_to there',
        'write changed',
      ])
      expect((await history('there')).map(([seq, op]) => [seq, op])).toEqual([
        [1, 'create'],
        [2, 'moved_to'],
      ])
    })

    it('nothing is said when nothing happened', async () => {
      await place.write('a/b', 'x')
      const before = await operations()
      place = await place.reopened()
      expect(await operations()).toEqual(before)
    })

    it('what stood there before there was a journal is kept too', async () => {
      await place.close()
      const other = await journaled()
      writeFileSync(join(other.folder, 'old'), 'from before')
      await other.journal.flush()
      await other.write('old', 'new')
      expect(await other.textAt('old', Date.now())).toBe('new')
      const [first] = await other.journal.queries.history(parsePath('old'), page)
      expect(await other.textOf(first?.after ?? '')).toBe('from before')
      place = other
    })

    it('contents that a loss of power has damaged count as not kept', async () => {
      await place.write('a', 'damaged')
      await place.write('b', 'whole')
      const digest = createHash('sha256').update('damaged').digest('hex')
      place = await place.reopened(() =>
        writeFileSync(join(place.contents, digest.slice(0, 2), digest), '\0'.repeat(7)),
      )
      const there = await place.journal.queries.kept([digest, createHash('sha256').update('whole').digest('hex')])
      expect([there.size, there.has(digest)]).toEqual([1, false])
    })

    it('contents that no entry needs are removed', async () => {
      await place.write('a', 'needed')
      const orphan = 'ab'.repeat(32)
      mkdirSync(join(place.contents, 'ab'), { recursive: true })
      writeFileSync(join(place.contents, 'ab', orphan), 'nobody needs this')
      writeFileSync(join(place.contents, 'ab', `${orphan}.7-1.part`), 'nobody nee')
      place = await place.reopened()
      expect(
        readdirSync(place.contents, { recursive: true }).filter((name) => String(name).includes('/')),
      ).toHaveLength(1)
    })
  })

  describe('large files', () => {
    beforeEach(async () => {
      await place.close()
      place = await journaled({ mostKept: 10 })
    })

    it('keep their digest and size, found later, but not their content', async () => {
      await place.write('large', 'more than ten bytes')
      await place.journal.flush()
      const { hash, size } = await place.journal.queries.revision(parsePath('large'), 1)
      expect({ hash, size }).toEqual({
        hash: createHash('sha256').update('more than ten bytes').digest('hex'),
        size: 19,
      })
      expect((await place.journal.queries.kept([hash])).size).toBe(0)
      await place.write('large', 'other content, of some other size')
      await place.journal.flush()
      const entries = await place.journal.queries.history(parsePath('large'), page)
      expect(entries.map(({ op, before }) => [op, before])).toEqual([
        ['create', null],
        ['write', hash],
      ])
    })
  })
})
