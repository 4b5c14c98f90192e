import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Dropbox, startDropbox } from './start-dropbox.ts'
import { type Client, clientOf, refusalOf, summaryOf, textOf } from './testing-client.ts'

let dropbox: Dropbox
let client: Client
let folders = 0

beforeAll(async () => {
  dropbox = await startDropbox({ limits: { page: 3 } })
  client = clientOf(dropbox)
})
afterAll(() => dropbox.close())

/** A folder for one test. */
const newFolder = (): string => `/Folder ${(folders += 1)}`
const upload = async (path: string, contents: string, more: object = {}) =>
  (await client.filesUpload({ path, contents, ...more })).result
const namesIn = async (path: string): Promise<string[]> => {
  let page = (await client.filesListFolder({ path })).result
  const names = page.entries.map(({ name }) => name)
  while (page.has_more) {
    page = (await client.filesListFolderContinue({ cursor: page.cursor })).result
    names.push(...page.entries.map(({ name }) => name))
  }
  return names
}
const read = async (path: string): Promise<string> => {
  const { result } = await client.filesDownload({ path })
  return textOf(result)
}

describe('folders and entries', () => {
  it('a file that is uploaded has what the contract says, with its folder made on the way', async () => {
    const folder = newFolder()
    const made = await upload(`${folder}/Deep/Größe.txt`, 'hello', { client_modified: '2020-01-02T03:04:05Z' })
    expect(made).toMatchObject({
      name: 'Größe.txt',
      path_display: `${folder}/Deep/Größe.txt`,
      path_lower: `${folder}/Deep/Größe.txt`.toLowerCase(),
      client_modified: '2020-01-02T03:04:05Z',
      size: 5,
      is_downloadable: true,
      content_hash: createHash('sha256').update(createHash('sha256').update('hello').digest()).digest('hex'),
    })
    expect(made.id).toMatch(/^id:[\w-]{22}$/)
    expect(made.rev).toMatch(/^[0-9a-f]{9,}$/)
    expect(made).not.toHaveProperty('.tag')
    const { result } = await client.filesGetMetadata({
      path: `${folder.toUpperCase()}/deep/GRÖSSE.txt`.replace('SS', 'ß'),
    })
    expect(result).toEqual({ '.tag': 'file', ...made })
    expect((await client.filesGetMetadata({ path: made.id })).result).toEqual(result)
    expect((await client.filesGetMetadata({ path: `rev:${made.rev}` })).result).toEqual(result)
    expect((await client.filesGetMetadata({ path: `${folder}/deep` })).result).toMatchObject({
      '.tag': 'folder',
      name: 'Deep',
    })
    await expect(read(`${folder}/deep/größe.TXT`)).resolves.toBe('hello')
  })

  it('a listing comes in pages, recursively with the folder itself', async () => {
    const folder = newFolder()
    for (const name of ['a', 'b', 'c', 'd', 'sub/e']) await upload(`${folder}/${name}`, name)
    expect(await namesIn(folder)).toEqual(['a', 'b', 'c', 'd', 'sub'])
    const { result } = await client.filesListFolder({ path: folder, recursive: true, limit: 2 })
    expect(result.entries.map(({ '.tag': tag, name }) => [tag, name])).toEqual([
      ['folder', folder.slice(1)],
      ['file', 'a'],
    ])
    expect(result.has_more).toBe(true)
    // The same cursor gives the same page.
    const [one, other] = await Promise.all([1, 2].map(() => client.filesListFolderContinue({ cursor: result.cursor })))
    expect(one?.result.entries).toEqual(other?.result.entries)
  })

  it('folders are made once, and not where something else is', async () => {
    const folder = newFolder()
    const { result } = await client.filesCreateFolderV2({ path: `${folder}/Sub` })
    expect(result.metadata).toMatchObject({ name: 'Sub', path_display: `${folder}/Sub` })
    expect(await refusalOf(client.filesCreateFolderV2({ path: `${folder}/sub` }))).toMatchObject({
      status: 409,
      summary: 'path/conflict/folder',
      error: { '.tag': 'path', path: { '.tag': 'conflict', conflict: { '.tag': 'folder' } } },
    })
    const renamed = await client.filesCreateFolderV2({ path: `${folder}/sub`, autorename: true })
    expect(renamed.result.metadata.name).toBe('sub (1)')
    await upload(`${folder}/file`, 'x')
    expect(await summaryOf(client.filesCreateFolderV2({ path: `${folder}/FILE` }))).toBe('path/conflict/file')
    expect(await summaryOf(client.filesCreateFolderV2({ path: `${folder}/file/below` }))).toBe(
      'path/conflict/file_ancestor',
    )
  })

  it('what is not there, or is something else, is said so', async () => {
    const folder = newFolder()
    await upload(`${folder}/file`, 'x')
    expect(await summaryOf(client.filesGetMetadata({ path: `${folder}/nothing` }))).toBe('path/not_found')
    expect(await summaryOf(client.filesGetMetadata({ path: 'id:AAAAAAAAAAAAAAAAAAAAAA' }))).toBe('path/not_found')
    expect(await summaryOf(client.filesListFolder({ path: `${folder}/file` }))).toBe('path/not_folder')
    expect(await summaryOf(client.filesListFolder({ path: `${folder}/nothing` }))).toBe('path/not_found')
    expect(await summaryOf(client.filesDownload({ path: folder }))).toBe('path/not_file')
    expect(await summaryOf(client.filesDeleteV2({ path: `${folder}/nothing` }))).toBe('path_lookup/not_found')
  })

  it.each(['/a//b', '/a/', '/a/../b', '/.', '/back\\slash', '/del\x7f', '/space ', `/${'x'.repeat(256)}`, '/\ud800'])(
    'no path is %j',
    async (path) => {
      expect(await summaryOf(client.filesUpload({ path, contents: 'x' }))).toBe('path/malformed_path')
      expect(await summaryOf(client.filesGetMetadata({ path }))).toBe('path/malformed_path')
      expect(await summaryOf(client.filesCreateFolderV2({ path }))).toBe('path/malformed_path')
    },
  )

  it.each(['desktop.ini', 'Thumbs.db', '.DS_Store', 'icon\r', '.dropbox', '.dropbox.attr'])(
    'nothing is saved as %j',
    async (name) => {
      expect(await summaryOf(client.filesUpload({ path: `/${name}`, contents: 'x' }))).toBe('path/disallowed_name')
      expect(await summaryOf(client.filesCreateFolderV2({ path: `/${name}` }))).toBe('path/disallowed_name')
    },
  )

  it.each([' left', 'dot.', '...', 'tab\there', 'new\nline', 'a:b*c?d"e<f>g|h', '漢字 😀', 'x'.repeat(255)])(
    'a file can be called %j',
    async (name) => {
      const folder = newFolder()
      await upload(`${folder}/${name}`, name)
      expect(await namesIn(folder)).toEqual([name])
      await expect(read(`${folder}/${name}`)).resolves.toBe(name)
    },
  )
})

it('names with emoji were refused for years, and can be here', async () => {
  const older = await startDropbox({ emoji: false })
  try {
    expect(await summaryOf(clientOf(older).filesUpload({ path: '/😀', contents: 'x' }))).toBe('path/malformed_path')
  } finally {
    await older.close()
  }
})

it('the parents of an entry may be written in another case', async () => {
  const lower = await startDropbox({ parentCasing: 'lower' })
  try {
    const { result } = await clientOf(lower).filesUpload({ path: '/Folder/File', contents: 'x' })
    expect(result.path_display).toBe('/folder/File')
  } finally {
    await lower.close()
  }
})

describe('changes', () => {
  it('a cursor tells everything that happened since, once', async () => {
    const folder = newFolder()
    await upload(`${folder}/stays`, 'x')
    await upload(`${folder}/goes`, 'x')
    await upload(`${folder}/old/inside`, 'x')
    const { cursor } = (await client.filesListFolderGetLatestCursor({ path: folder, recursive: true })).result
    await upload(`${folder}/new`, 'x')
    await client.filesDeleteV2({ path: `${folder}/goes` })
    await client.filesMoveV2({ from_path: `${folder}/old`, to_path: `${folder}/moved` })
    const entries: string[] = []
    let page = (await client.filesListFolderContinue({ cursor })).result
    for (;;) {
      entries.push(...page.entries.map((entry) => `${entry['.tag']} ${entry.path_display?.slice(folder.length)}`))
      if (!page.has_more) break
      page = (await client.filesListFolderContinue({ cursor: page.cursor })).result
    }
    expect(entries.sort()).toEqual([
      'deleted /goes',
      'deleted /old',
      'file /moved/inside',
      'file /new',
      'folder /moved',
    ])
    expect((await client.filesListFolderContinue({ cursor: page.cursor })).result).toMatchObject({
      entries: [],
      has_more: false,
    })
  })

  it('a listing that does not go deep tells nothing of what lies deeper', async () => {
    const folder = newFolder()
    await upload(`${folder}/sub/a`, 'x')
    const { cursor } = (await client.filesListFolder({ path: folder })).result
    await upload(`${folder}/sub/b`, 'x')
    expect((await client.filesListFolderContinue({ cursor })).result.entries).toEqual([])
    await upload(`${folder}/c`, 'x')
    expect((await client.filesListFolderContinue({ cursor })).result.entries).toMatchObject([{ name: 'c' }])
  })

  it('longpoll waits for a change, and for nothing longer than it was asked to', async () => {
    const quick = await startDropbox({ limits: { longpollSecond: 1 } })
    try {
      const polling = clientOf(quick)
      const { cursor } = (await polling.filesListFolderGetLatestCursor({ path: '' })).result
      expect((await polling.filesListFolderLongpoll({ cursor, timeout: 30 })).result).toEqual({ changes: false })
    } finally {
      await quick.close()
    }
    const { cursor } = (await client.filesListFolderGetLatestCursor({ path: '' })).result
    const waiting = client.filesListFolderLongpoll({ cursor, timeout: 480 })
    await upload(`${newFolder()}/news`, 'x')
    expect((await waiting).result).toEqual({ changes: true })
  })

  it('cursors that were reset, are made up, or whose folder is gone are refused', async () => {
    const folder = newFolder()
    await client.filesCreateFolderV2({ path: folder })
    const { cursor } = (await client.filesListFolder({ path: folder })).result
    await client.filesDeleteV2({ path: folder })
    expect(await summaryOf(client.filesListFolderContinue({ cursor }))).toBe('path/not_found')
    dropbox.resetCursors()
    expect(await summaryOf(client.filesListFolderContinue({ cursor }))).toBe('reset')
    expect(await summaryOf(client.filesListFolderLongpoll({ cursor }))).toBe('reset')
    const made = await refusalOf(client.filesListFolderContinue({ cursor: 'made up' }))
    expect(made).toMatchObject({ status: 400, error: expect.stringContaining('Invalid "cursor" parameter') })
  })

  it('what was deleted is shown when it is asked for, and not under something new', async () => {
    const folder = newFolder()
    await upload(`${folder}/Gone`, 'x')
    await upload(`${folder}/again`, 'x')
    await client.filesDeleteV2({ path: `${folder}/Gone` })
    await client.filesDeleteV2({ path: `${folder}/again` })
    await upload(`${folder}/again`, 'y')
    const { result } = await client.filesListFolder({ path: folder, include_deleted: true })
    expect(result.entries.map((entry) => [entry['.tag'], entry.name])).toEqual([
      ['file', 'again'],
      ['deleted', 'Gone'],
    ])
    expect((await client.filesGetMetadata({ path: `${folder}/gone`, include_deleted: true })).result).toMatchObject({
      '.tag': 'deleted',
      name: 'Gone',
    })
    expect(await summaryOf(client.filesGetMetadata({ path: `${folder}/gone` }))).toBe('path/not_found')
  })
})

describe('moving, copying, deleting', () => {
  it('a folder moves with everything in it, ids stay and revisions are new', async () => {
    const folder = newFolder()
    const made = await upload(`${folder}/from/file`, 'text')
    const moved = await client.filesMoveV2({ from_path: `${folder}/from`, to_path: `${folder}/new/to` })
    expect(moved.result.metadata).toMatchObject({ '.tag': 'folder', path_display: `${folder}/new/to` })
    const { result } = await client.filesGetMetadata({ path: `${folder}/new/to/file` })
    expect(result).toMatchObject({ id: made.id, client_modified: made.client_modified })
    expect(result).not.toMatchObject({ rev: made.rev })
  })

  it('a copy is another file of the same content and time', async () => {
    const folder = newFolder()
    const made = await upload(`${folder}/a`, 'text', { client_modified: '2020-01-02T03:04:05Z' })
    const { metadata } = (await client.filesCopyV2({ from_path: `${folder}/a`, to_path: `${folder}/b` })).result
    expect(metadata).toMatchObject({ client_modified: made.client_modified, name: 'b' })
    expect(metadata).not.toMatchObject({ id: made.id })
    expect(await summaryOf(client.filesCopyV2({ from_path: `${folder}/a`, to_path: `${folder}/B` }))).toBe(
      'to/conflict/file',
    )
    const other = await client.filesCopyV2({ from_path: `${folder}/a`, to_path: `${folder}/B`, autorename: true })
    expect(other.result.metadata.name).toBe('B (1)')
  })

  it('what cannot be moved or copied is said so', async () => {
    const folder = newFolder()
    await upload(`${folder}/a/file`, 'x')
    await upload(`${folder}/b`, 'x')
    const move = (from: string, to: string) =>
      summaryOf(client.filesMoveV2({ from_path: folder + from, to_path: folder + to }))
    expect(await move('/nothing', '/c')).toBe('from_lookup/not_found')
    expect(await move('/a', '/b')).toBe('to/conflict/file')
    expect(await move('/b', '/a')).toBe('to/conflict/folder')
    expect(await move('/a', '/b/c')).toBe('to/conflict/file_ancestor')
    expect(await move('/a', '/a/inside')).toBe('cant_move_folder_into_itself')
    expect(await move('/b', '/c ')).toBe('to/malformed_path')
    expect(await summaryOf(client.filesCopyV2({ from_path: `${folder}/a`, to_path: `${folder}/a/inside` }))).toBe(
      'duplicated_or_nested_paths',
    )
  })

  it('a move that changes case alone succeeds and changes nothing', async () => {
    const folder = newFolder()
    await upload(`${folder}/Case.md`, 'x')
    const { metadata } = (await client.filesMoveV2({ from_path: `${folder}/Case.md`, to_path: `${folder}/case.md` }))
      .result
    expect(metadata.name).toBe('Case.md')
    expect(await namesIn(folder)).toEqual(['Case.md'])
  })

  it('something is deleted as it was known, or not', async () => {
    const folder = newFolder()
    const first = await upload(`${folder}/a`, '1')
    const second = await upload(`${folder}/a`, '2', { mode: { '.tag': 'overwrite' } })
    expect(await summaryOf(client.filesDeleteV2({ path: `${folder}/a`, parent_rev: first.rev }))).toBe(
      'path_write/conflict/file',
    )
    const { metadata } = (await client.filesDeleteV2({ path: `${folder}/a`, parent_rev: second.rev })).result
    expect(metadata).toMatchObject({ '.tag': 'file', rev: second.rev })
    expect(await namesIn(folder)).toEqual([])
  })

  it('only teams delete for good', async () => {
    expect(await refusalOf(client.filesPermanentlyDelete({ path: '/x' }))).toMatchObject({
      status: 403,
      summary: 'invalid_account_type/endpoint',
    })
  })
})

describe('revisions', () => {
  it('those of a path come newest first, in pages, those of an id across moves', async () => {
    const folder = newFolder()
    const revs: string[] = []
    for (const text of ['one', 'two', 'three']) {
      revs.unshift((await upload(`${folder}/a`, text, { mode: { '.tag': 'overwrite' } })).rev)
    }
    const first = (await client.filesListRevisions({ path: `${folder}/a`, limit: 2 })).result
    expect(first).toMatchObject({ is_deleted: false, has_more: true })
    expect(first.entries.map(({ rev }) => rev)).toEqual(revs.slice(0, 2))
    const rest = await client.filesListRevisions({ path: `${folder}/a`, before_rev: revs[1] ?? '' })
    expect(rest.result.entries.map(({ rev }) => rev)).toEqual(revs.slice(2))
    await client.filesMoveV2({ from_path: `${folder}/a`, to_path: `${folder}/b` })
    expect((await client.filesListRevisions({ path: `${folder}/b` })).result.entries).toHaveLength(1)
    expect(
      (await client.filesListRevisions({ path: `${folder}/b`, mode: { '.tag': 'id' } })).result.entries,
    ).toHaveLength(4)
    expect((await client.filesListRevisions({ path: `${folder}/a` })).result).toMatchObject({
      is_deleted: true,
      entries: [{}, {}, {}],
    })
    await expect(read(`rev:${revs[2]}`)).resolves.toBe('one')
  })

  it('an old revision comes back, of what was deleted, too', async () => {
    const folder = newFolder()
    const first = await upload(`${folder}/a`, 'one')
    await upload(`${folder}/a`, 'two', { mode: { '.tag': 'overwrite' } })
    await client.filesRestore({ path: `${folder}/a`, rev: first.rev })
    await expect(read(`${folder}/a`)).resolves.toBe('one')
    await client.filesDeleteV2({ path: `${folder}/a` })
    expect((await client.filesListRevisions({ path: `${folder}/a` })).result).toMatchObject({
      is_deleted: true,
      server_deleted: expect.any(String),
    })
    await client.filesRestore({ path: `${folder}/a`, rev: first.rev })
    expect((await client.filesGetMetadata({ path: `${folder}/a` })).result).toMatchObject({ id: first.id, size: 3 })
    expect(await summaryOf(client.filesRestore({ path: `${folder}/a`, rev: '123456789' }))).toBe('invalid_revision')
  })
})
