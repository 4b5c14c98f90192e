import { collectBytes, type Operation, parsePath, requireMethods, root, type StorageDriver } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { put, textAt } from './testing/full-driver.ts'
import { type SimulatedDropbox, startSimulatedDropbox } from './testing/simulated-dropbox.ts'
import { urlOf } from './testing/url-of.ts'

let service: SimulatedDropbox
beforeAll(async () => {
  service = await startSimulatedDropbox()
})
beforeEach(() => service.forget())
afterAll(() => service.close())

const namesIn = async (driver: StorageDriver, path = '', options: Operation = {}): Promise<string[]> =>
  (await driver.list(parsePath(path), options)).items.map(({ name }) => name).sort()

describe('shared_files', () => {
  let driver: StorageDriver
  beforeAll(async () => {
    service.seed({ '/my own': 'x' })
    service.addReceivedFile('Letter.txt', Buffer.from('dear all'))
    service.addReceivedFile('twin', Buffer.from('one'))
    driver = await service.connect({ shared_files: true })
  })

  it('shows what others share, and nothing else', async () => {
    expect(await namesIn(driver)).toEqual(['Letter.txt', 'twin'])
    await expect(driver.list(parsePath('twin'))).rejects.toMatchObject({ code: 'NotADirectory' })
    await expect(driver.list(parsePath('my own'))).rejects.toMatchObject({ code: 'NotFound' })
    const first = await driver.list(root, { limit: 1 })
    const second = await driver.list(root, { limit: 1, cursor: first.cursor })
    expect([first.items.length, second.items.length, second.cursor]).toEqual([1, 1, undefined])
  })

  it('goes on where it was, and nowhere else', async () => {
    const { cursor } = await driver.list(root, { limit: 1 })
    service.forget()
    await driver.list(root, { limit: 1, cursor })
    expect(service.requests).toEqual([])
    for (const foreign of ['-1', 'NaN', '1e3', '']) {
      await expect(driver.list(root, { cursor: foreign })).rejects.toMatchObject({ code: 'InvalidArgument' })
    }
  })

  it('is read, whole, in parts and on condition', async () => {
    const path = parsePath('letter.TXT')
    const entry = await driver.stat(path)
    expect(entry).toMatchObject({ kind: 'file', size: 8, etag: expect.stringMatching(/^"/) })
    const { entry: read, body } = await driver.read(path)
    expect([read, Buffer.from(await collectBytes(body)).toString()]).toEqual([entry, 'dear all'])
    expect(await textAt(driver, path, { range: { start: 5, end: 100 } })).toBe('all')
    const beyond = driver.read(path, { range: { start: 8 } })
    await expect(beyond).rejects.toMatchObject({ code: 'RangeNotSatisfiable' })
    const unchanged = driver.read(path, { conditions: { ifNoneMatch: ['*'] } })
    await expect(unchanged).rejects.toMatchObject({ code: 'NotModified' })
    await expect(driver.read(root)).rejects.toMatchObject({ code: 'IsADirectory' })
    expect(service.count('sharing/list_received_files')).toBeLessThanOrEqual(1)
    await expect(driver.read(parsePath('none'))).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('cannot be changed', () => {
    for (const method of ['write', 'remove', 'move', 'copy', 'makeDirectory', 'publicLink'] as const) {
      expect(driver).not.toHaveProperty(method)
    }
  })
})

describe('shared_folders', () => {
  const connect = async () =>
    requireMethods(await service.connect({ shared_folders: true }), 'write', 'remove', 'makeDirectory', 'move', 'copy')

  beforeAll(() => {
    const folder = service.addSharedFolder('Photos', '111', { mounted: true })
    service.tree.addFile({ name: 'a.jpg', parents: [folder.id], bytes: Buffer.from('bytes') })
    const other = service.addSharedFolder('Plans', '222')
    service.tree.addFile({ name: 'plan.txt', parents: [other.id], bytes: Buffer.from('a plan') })
    service.addSharedFolder('Closed', '333', { mountable: false })
    service.addSharedFolder('photos', '444')
  })

  it('stand at the root, each under a name of its own', async () => {
    const driver = await connect()
    expect(await namesIn(driver)).toEqual(['Closed', 'Photos', 'Plans', 'photos (444)'])
    expect(driver).not.toHaveProperty('walk')
    const page = await driver.list(root, { limit: 3 })
    expect(page.items).toHaveLength(3)
    expect((await driver.list(root, { limit: 3, cursor: page.cursor })).items).toHaveLength(1)
  })

  it('are mounted when they are gone into, and behave as any folder then', async () => {
    const driver = await connect()
    expect(await namesIn(driver, 'plans')).toEqual(['plan.txt'])
    expect(service.count('sharing/mount_folder')).toBe(1)
    expect(await textAt(driver, 'Plans/plan.txt')).toBe('a plan')
    await put(driver, 'Photos/b.jpg', 'more')
    await driver.makeDirectory(parsePath('Photos/new'))
    await driver.move(parsePath('Photos/b.jpg'), { destination: parsePath('Plans/c.jpg') })
    expect(await namesIn(driver, 'Photos')).toEqual(['a.jpg', 'new'])
    expect(await textAt(driver, 'Plans/c.jpg')).toBe('more')
    await driver.remove(parsePath('Plans/c.jpg'))
    expect(await driver.stat(parsePath('Photos'))).toMatchObject({ kind: 'directory', name: 'Photos' })
    expect(service.count('sharing/mount_folder')).toBe(1)
  })

  it('that somebody else mounts at the same moment are found where they stand', async () => {
    const mounted = { name: 'Elsewhere', shared_folder_id: '777', path_lower: '/photos' }
    const refusal = { error_summary: 'already_mounted/..', error: { '.tag': 'already_mounted' } }
    const answers: Readonly<Record<string, () => Response>> = {
      'sharing/list_folders': () => Response.json({ entries: [{ ...mounted, path_lower: undefined }], cursor: '' }),
      'sharing/mount_folder': () => Response.json(refusal, { status: 409 }),
      'sharing/get_folder_metadata': () => Response.json(mounted),
    }
    const fetch: typeof service.fetch = async (input, init) =>
      answers[urlOf(input).replace(/^.*\/2\//, '')]?.() ?? service.fetch(input, init)
    const driver = await service.connect({ shared_folders: true }, { fetch })
    expect(await namesIn(driver, 'Elsewhere')).toEqual(await namesIn(await connect(), 'Photos'))
  })

  it('that never end are given up', async () => {
    const fetch: typeof service.fetch = async (input, init) =>
      /list_folders/.test(urlOf(input)) ? Response.json({ entries: [], cursor: 'again' }) : service.fetch(input, init)
    const driver = await service.connect({ shared_folders: true, pacer_min_sleep: '1ms' }, { fetch })
    await expect(driver.list(root)).rejects.toMatchObject({ code: 'Unexpected' })
  })

  it('that cannot be mounted, or are not there, say so', async () => {
    const driver = await connect()
    await expect(driver.list(parsePath('Closed'))).rejects.toMatchObject({ code: 'AccessDenied' })
    await expect(driver.stat(parsePath('nothing/inside'))).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('are not changed themselves', async () => {
    const driver = await connect()
    const changes = [
      put(driver, 'new file'),
      driver.makeDirectory(parsePath('new folder')),
      driver.remove(parsePath('Photos')),
      driver.move(parsePath('Photos'), { destination: parsePath('Plans/photos') }),
      driver.copy(parsePath('Photos/a.jpg'), { destination: parsePath('copy') }),
    ]
    // All at once: one that is refused while another one is waited for would be nobody's.
    await Promise.all(changes.map((change) => expect(change).rejects.toMatchObject({ code: 'AccessDenied' })))
    expect(await namesIn(driver)).toContain('Photos')
  })
})
