import { parsePath, root } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import { connectFull, type Full, put, textAt } from './testing/full-driver.ts'
import { type SimulatedDropbox, startSimulatedDropbox } from './testing/simulated-dropbox.ts'

let service: SimulatedDropbox
let driver: Full
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

  it('puts back what it was to replace where it cannot take its place', async () => {
    await put(driver, 'back/old', 'old')
    await put(driver, 'back/new', 'new')
    const routed = vendorFetch(service.routes)
    let copies = 0
    const fetch: typeof routed = async (input, init) => {
      const url = input instanceof Request ? input.url : String(input)
      if (url.endsWith('/files/copy_v2') && ++copies === 2) service.fail({ route: 'files/copy_v2', with: 'internal' })
      return routed(input, init)
    }
    const failing = await connectFull(service, {}, { fetch })
    const copying = failing.copy(parsePath('back/new'), { destination: parsePath('back/old'), overwrite: true })
    await expect(copying).rejects.toMatchObject({ code: 'Unavailable' })
    expect(copies).toBe(2)
    expect(await textAt(driver, 'back/old')).toBe('old')
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
    const routed = vendorFetch(service.routes)
    const missing = {
      error_summary: 'from_lookup/not_found/..',
      error: { '.tag': 'from_lookup', from_lookup: { '.tag': 'not_found' } },
    }
    let left = 1
    const fetch: typeof routed = async (input, init) => {
      const url = input instanceof Request ? input.url : String(input)
      return url.endsWith('/files/move_v2') && left-- > 0
        ? Response.json(missing, { status: 409 })
        : routed(input, init)
    }
    const late = await connectFull(service, {}, { fetch })
    expect(await late.move(parsePath('fresh'), { destination: parsePath('found') })).toMatchObject({ name: 'found' })
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

describe('the root', () => {
  it('is not removed, and is there already', async () => {
    await expect(driver.remove(root)).rejects.toMatchObject({ code: 'InvalidArgument' })
    expect(await driver.makeDirectory(root)).toMatchObject({ kind: 'directory', path: '' })
  })
})
