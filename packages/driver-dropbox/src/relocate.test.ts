import { type OpenContext, parsePath, root } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { manualClock } from '../../core/src/testing/manual-clock.ts'
import { connectFull, type Full, put, textAt } from './testing/full-driver.ts'
import { type SimulatedDropbox, startSimulatedDropbox } from './testing/simulated-dropbox.ts'
import { urlOf } from './testing/url-of.ts'

let service: SimulatedDropbox
let driver: Full
const clock = manualClock({ eager: true })
beforeAll(async () => {
  service = await startSimulatedDropbox()
  driver = await connectFull(service, { pacer_min_sleep: '1ms' })
})
beforeEach(() => service.forget())
afterAll(() => service.close())

const names = async (path: string): Promise<string[]> =>
  (await driver.list(parsePath(path))).items.map(({ name }) => name).sort()

describe('a move that changes nothing but the case', () => {
  it.each([
    ['name.txt', 'Name.TXT', 'upper'],
    ['Name.TXT', 'name.txt', 'lower'],
  ])('gives the file %s the name %s', async (before, name, folder) => {
    service.seed({ [`/${folder}/${before}`]: 'content' })
    const entry = await driver.move(parsePath(`${folder}/${before}`), {
      destination: parsePath(`${folder}/${name}`),
    })
    expect(entry).toMatchObject({ kind: 'file', name })
    expect(await names(folder)).toEqual([name])
    expect(await textAt(driver, `${folder}/${name}`)).toBe('content')
  })

  it('gives a folder its new name with all it holds', async () => {
    service.seed({ '/cased/folder/inside': 'x' })
    await driver.move(parsePath('cased/folder'), { destination: parsePath('cased/FOLDER') })
    expect(await names('cased')).toEqual(['FOLDER'])
    expect(await names('cased/folder')).toEqual(['inside'])
  })

  it('is no copy', async () => {
    service.seed({ '/copied': 'x' })
    const copying = driver.copy(parsePath('copied'), { destination: parsePath('COPIED') })
    await expect(copying).rejects.toMatchObject({ code: 'InvalidArgument' })
  })
})

describe('a copy or a move', () => {
  it.each(['copy', 'move'] as const)('is one call where nothing is in its way (%s)', async (verb) => {
    service.seed({ [`/once-${verb}/a`]: 'x' })
    service.forget()
    await driver[verb](parsePath(`once-${verb}/a`), { destination: parsePath(`once-${verb}/new/b`) })
    expect(service.requests.map(({ route }) => route)).toEqual([`files/${verb}_v2`])
  })

  it.each(['copy', 'move'] as const)('replaces what it may, and keeps its revisions (%s)', async (verb) => {
    await put(driver, `over-${verb}/old`, 'old')
    await put(driver, `over-${verb}/new`, 'new')
    const destination = parsePath(`over-${verb}/old`)
    await driver[verb](parsePath(`over-${verb}/new`), { destination, overwrite: true })
    expect(await textAt(driver, destination)).toBe('new')
    const kept = (await driver.revisions(destination)).items
    expect(await textAt(driver, destination, { version: kept.at(-1)?.version })).toBe('old')
  })

  it.each(['file', 'folder'] as const)(
    'puts back a %s that it was to replace where nothing can take its place',
    async (kind) => {
      const old = kind === 'file' ? `back-${kind}/old` : `back-${kind}/old/inside`
      await put(driver, old, 'old')
      await put(driver, `back-${kind}/new`, 'new')
      const asked = { destination: parsePath(`back-${kind}/old`), overwrite: true }
      service.fail({ route: 'files/copy_v2', with: 'internal', skip: 1, times: 4 })
      const failing = await connectFull(service, {}, { driverClock: clock })
      const copying = failing.copy(parsePath(`back-${kind}/new`), asked)
      await expect(copying).rejects.toMatchObject({ code: 'Unavailable' })
      expect(service.count('files/copy_v2')).toBe(5)
      expect(await textAt(driver, old)).toBe('old')
      expect(await names(`back-${kind}`)).toEqual(['new', 'old'])
    },
  )

  it('replaces a folder, and leaves nothing of it beside', async () => {
    await put(driver, 'folders/old/inside', 'old')
    await put(driver, 'folders/new/within', 'new')
    await driver.move(parsePath('folders/new'), { destination: parsePath('folders/old'), overwrite: true })
    expect(await names('folders')).toEqual(['old'])
    expect(await names('folders/old')).toEqual(['within'])
  })

  it('replaces nothing with what is not there', async () => {
    await put(driver, 'safe', 'kept')
    for (const verb of ['copy', 'move'] as const) {
      const moving = driver[verb](parsePath('no such file'), { destination: parsePath('safe'), overwrite: true })
      await expect(moving).rejects.toMatchObject({ code: 'NotFound' })
    }
    expect(await textAt(driver, 'safe')).toBe('kept')
  })

  it('waits for what was made just now to be found', async () => {
    await put(driver, 'fresh', 'content')
    const late = await connectFull(service, {}, { fetch: notFinding(2), driverClock: clock })
    expect(await late.move(parsePath('fresh'), { destination: parsePath('found') })).toMatchObject({ name: 'found' })
    await put(driver, 'fresh', 'content')
    const never = await connectFull(service, {}, { fetch: notFinding(9), driverClock: clock })
    const moving = never.move(parsePath('fresh'), { destination: parsePath('found again') })
    await expect(moving).rejects.toMatchObject({ code: 'NotFound' })
    expect(service.count('files/move_v2')).toBe(1)
  })

  it.each([
    ['folder', 'folder/inside'],
    ['folder', 'FOLDER/Inside'],
    ['folder/inside', 'Folder'],
    ['', 'anywhere'],
    ['folder', ''],
    ['folder', 'folder'],
  ])('from %j to %j is refused', async (from, to) => {
    await put(driver, 'folder/inside', 'x')
    for (const verb of ['copy', 'move'] as const) {
      const moving = driver[verb](parsePath(from), { destination: parsePath(to), overwrite: true })
      await expect(moving).rejects.toMatchObject({ code: 'InvalidArgument' })
    }
    expect(await names('')).toContain('folder')
  })
})

describe('a copy or a move whose answer is lost', () => {
  const connect = (context: OpenContext = {}): Promise<Full> =>
    connectFull(service, { pacer_min_sleep: '1ms' }, { driverClock: clock, ...context })

  it.each(['copy', 'move'] as const)('is known by what it did (%s)', async (verb) => {
    const tough = await connect()
    await put(driver, `lost-${verb}/a`, 'content')
    service.forget()
    service.fail({ route: `files/${verb}_v2`, with: 'lost' })
    const entry = await tough[verb](parsePath(`lost-${verb}/a`), { destination: parsePath(`lost-${verb}/b`) })
    expect(entry).toMatchObject({ kind: 'file', path: `lost-${verb}/b`, size: 7 })
    expect(service.count(`files/${verb}_v2`)).toBe(1)
    expect(await names(`lost-${verb}`)).toEqual(verb === 'copy' ? ['a', 'b'] : ['b'])
  })

  it.each(['copy', 'move'] as const)('is made again where it did nothing (%s)', async (verb) => {
    const tough = await connect()
    await put(driver, `dropped-${verb}/folder/a`, 'content')
    service.fail({ route: `files/${verb}_v2`, with: 'dropped' }, { route: `files/${verb}_v2`, with: 'unavailable' })
    service.forget()
    await tough[verb](parsePath(`dropped-${verb}/folder`), { destination: parsePath(`dropped-${verb}/b`) })
    expect(service.count(`files/${verb}_v2`)).toBe(3)
    expect(await names(`dropped-${verb}/b`)).toEqual(['a'])
  })

  it.each(['copy', 'move'] as const)('is not taken for done where something else stands there (%s)', async (verb) => {
    const tough = await connect()
    await put(driver, `occupied-${verb}/a`, 'content')
    await put(driver, `occupied-${verb}/b`, 'other')
    service.fail({ route: `files/${verb}_v2`, with: 'dropped' })
    const asked = tough[verb](parsePath(`occupied-${verb}/a`), { destination: parsePath(`occupied-${verb}/b`) })
    await expect(asked).rejects.toMatchObject({ code: 'AlreadyExists' })
    expect(await textAt(driver, `occupied-${verb}/b`)).toBe('other')
  })

  it('removes nothing that changed since it was looked at', async () => {
    await put(driver, 'raced/new', 'new')
    await put(driver, 'raced/old', 'old')
    const fetch: typeof service.fetch = async (input, init) => {
      if (urlOf(input).endsWith('/files/delete_v2')) await put(driver, 'raced/old', 'just changed')
      return service.fetch(input, init)
    }
    const raced = await connect({ fetch })
    const copying = raced.copy(parsePath('raced/new'), { destination: parsePath('raced/old'), overwrite: true })
    await expect(copying).rejects.toMatchObject({ code: 'AlreadyExists' })
    expect(await textAt(driver, 'raced/old')).toBe('just changed')
  })

  it('over something else leaves the new content there, and not the old', async () => {
    const tough = await connect()
    await put(driver, 'over-lost/new', 'new')
    await put(driver, 'over-lost/old', 'old')
    service.fail({ route: 'files/move_v2', with: 'lost', skip: 1 })
    await tough.move(parsePath('over-lost/new'), { destination: parsePath('over-lost/old'), overwrite: true })
    expect(await textAt(driver, 'over-lost/old')).toBe('new')
    expect(await names('over-lost')).toEqual(['old'])
  })

  it('and is called off before it comes leaves the new content there, too', async () => {
    await put(driver, 'over-left/new', 'new')
    await put(driver, 'over-left/old', 'old')
    const leaving = new AbortController()
    let moves = 0
    const fetch: typeof service.fetch = async (input, init) => {
      const answer = await service.fetch(input, init)
      if (urlOf(input).endsWith('/files/move_v2') && ++moves === 2) {
        leaving.abort()
        throw leaving.signal.reason
      }
      return answer
    }
    const left = await connect({ fetch })
    const asked = { destination: parsePath('over-left/old'), overwrite: true, signal: leaving.signal }
    await expect(left.move(parsePath('over-left/new'), asked)).rejects.toMatchObject({ code: 'Aborted' })
    expect(await textAt(driver, 'over-left/old')).toBe('new')
  })

  it('says that it may have happened where that does not show', async () => {
    const tough = await connect()
    await put(driver, 'unclear/folder/a', 'content')
    service.fail({ route: 'files/copy_v2', with: 'lost' })
    const copying = tough.copy(parsePath('unclear/folder'), { destination: parsePath('unclear/b') })
    await expect(copying).rejects.toMatchObject({
      code: 'Unavailable',
      fate: 'persistent',
      message: expect.stringContaining('/unclear/folder was being copied. That may have happened'),
    })
    expect(service.count('files/copy_v2')).toBe(1)
    service.fail(
      { route: 'files/move_v2', with: 'lost' },
      { route: 'files/get_metadata', with: 'unavailable', times: 2 },
    )
    const moving = tough.move(parsePath('unclear/folder'), { destination: parsePath('unclear/c') })
    await expect(moving).rejects.toThrow('was being moved. That may have happened')
  })

  it('is no reason to remove a file that it was to replace without bringing it back', async () => {
    const tough = await connect()
    await put(driver, 'delete-lost/new', 'new')
    await put(driver, 'delete-lost/old', 'old')
    service.fail({ route: 'files/delete_v2', with: 'lost' })
    const destination = parsePath('delete-lost/old')
    await tough.copy(parsePath('delete-lost/new'), { destination, overwrite: true })
    expect(await textAt(driver, destination)).toBe('new')
    service.fail(
      { route: 'files/delete_v2', with: 'lost' },
      { route: 'files/delete_v2', with: 'unavailable', times: 3 },
    )
    await put(driver, 'delete-lost/newest', 'newest')
    const copying = tough.copy(parsePath('delete-lost/newest'), { destination, overwrite: true })
    await expect(copying).rejects.toMatchObject({ code: 'Unavailable' })
    expect(await textAt(driver, destination)).toBe('new')
  })

  it('comes back where another case cannot be given', async () => {
    const tough = await connect()
    await put(driver, 'stuck/name', 'content')
    service.fail({ route: 'files/move_v2', with: 'unavailable', skip: 1, times: 4 })
    const moving = tough.move(parsePath('stuck/name'), { destination: parsePath('stuck/NAME') })
    await expect(moving).rejects.toMatchObject({ code: 'Unavailable' })
    expect(await names('stuck')).toEqual(['name'])
  })
})

/** A vendor that does not find so many times what is to be moved. */
function notFinding(times: number): typeof service.fetch {
  const missing = {
    error_summary: 'from_lookup/not_found/..',
    error: { '.tag': 'from_lookup', from_lookup: { '.tag': 'not_found' } },
  }
  let left = times
  return async (input, init) =>
    urlOf(input).endsWith('/files/move_v2') && left-- > 0
      ? Response.json(missing, { status: 409 })
      : service.fetch(input, init)
}

describe('the root', () => {
  it('is not removed, and is there already', async () => {
    await expect(driver.remove(root)).rejects.toMatchObject({ code: 'InvalidArgument' })
    expect(await driver.makeDirectory(root)).toMatchObject({ kind: 'directory', path: '' })
  })
})
