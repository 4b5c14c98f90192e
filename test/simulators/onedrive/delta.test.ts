import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DriveType } from './service.ts'
import { type OneDrive, startOneDrive } from './start-onedrive.ts'
import { plainClient } from './testing-client.ts'

let onedrive: OneDrive
let ask: ReturnType<typeof plainClient>

async function start(driveType: DriveType): Promise<void> {
  onedrive = await startOneDrive({ driveType })
  ask = plainClient(onedrive)
}
afterEach(() => onedrive.close())

interface Told {
  readonly id: string
  readonly name?: string
  readonly deleted?: unknown
  readonly cTag?: string
  readonly parentReference: Readonly<Record<string, unknown>>
}

/** All pages, and where changes are told from then on. */
async function follow(
  first: string,
): Promise<{ readonly items: readonly Told[]; readonly link: string; readonly pages: number }> {
  const items: Told[] = []
  let next: unknown = first
  for (let pages = 1; ; pages++) {
    const { json, status } = await ask('GET', String(next))
    expect(status).toBe(200)
    if (Array.isArray(json.value)) items.push(...json.value)
    const { '@odata.nextLink': more, '@odata.deltaLink': link } = json
    if (typeof link === 'string') return { items, link, pages }
    next = more
  }
}

const put = (path: string): Promise<{ readonly json: Readonly<Record<string, unknown>> }> =>
  ask('PUT', `/me/drive/root:/${path}:/content`, path)
const names = (items: readonly Told[]): string[] =>
  items.map(({ name, deleted }) => `${deleted ? '-' : ''}${name ?? ''}`)

describe.for(['personal', 'business'] as const)('the changes of a drive (%s)', (driveType) => {
  beforeEach(async () => {
    await start(driveType)
    await ask('POST', '/me/drive/root/children', { name: 'folder', folder: {} })
    await put('folder/one')
    await put('two')
  })

  it('begin with everything that there is, page by page, without paths', async () => {
    const { items, pages } = await follow('/me/drive/root/delta?$top=2')
    expect(pages).toBe(2)
    expect(names(items).sort()).toEqual(['folder', 'one', 'root', 'two'])
    expect(items.every(({ parentReference }) => !('path' in parentReference))).toBe(true)
    expect(items.some(({ cTag }) => cTag !== undefined)).toBe(driveType === 'personal')
  })

  it('are each told once, with the folders around it, as it is now', async () => {
    const { link } = await follow('/me/drive/root/delta')
    expect((await follow(link)).items).toEqual([])
    await ask('PATCH', '/me/drive/root:/folder/one', { name: 'uno' })
    await ask('PATCH', '/me/drive/root:/folder/uno', { name: 'eins' })
    const { items, link: next } = await follow(link)
    expect(names(items)).toEqual(['root', 'folder', 'eins'])
    expect((await follow(next)).items).toEqual([])
  })

  it('tell of what was deleted, and of what was in it', async () => {
    const { link } = await follow('/me/drive/root/delta?token=latest')
    const { json } = await ask('GET', '/me/drive/root:/folder/one')
    await ask('DELETE', '/me/drive/root:/folder')
    await ask('DELETE', '/me/drive/root:/two')
    const gone = (await follow(link)).items.filter(({ deleted }) => deleted !== undefined)
    expect(gone.map(({ id }) => id)).toContain(json.id)
    expect(gone).toHaveLength(3)
    expect(gone.every(({ name }) => (name === undefined) === (driveType !== 'personal'))).toBe(true)
  })

  it('tell of what was removed for good, and of what came back', async () => {
    const { link } = await follow('/me/drive/root/delta?token=latest')
    const folder = onedrive.tree.at(onedrive.drives[0]?.root ?? '', ['folder'])
    await ask('DELETE', '/me/drive/root:/folder')
    onedrive.tree.update(folder?.id ?? '', { trashed: false })
    onedrive.tree.remove(onedrive.tree.at(onedrive.drives[0]?.root ?? '', ['two'])?.id ?? '')
    const { items, link: next } = await follow(link)
    expect(names(items.filter(({ deleted }) => deleted === undefined))).toEqual(['root', 'folder', 'one'])
    expect(items.filter(({ deleted }) => deleted !== undefined)).toHaveLength(1)
    expect((await follow(next)).items).toEqual([])
  })

  it('begin anew when the token is too old', async () => {
    const { link: old } = await follow('/me/drive/root/delta')
    onedrive.expireDelta()
    const refused = await ask('GET', old)
    expect(refused).toMatchObject({ status: 410, code: 'resyncRequired', inner: 'resyncChangesApplyDifferences' })
    await put('three')
    const { items, link } = await follow(refused.headers.get('location') ?? '')
    expect(names(items)).toContain('three')
    expect((await follow(link)).items).toEqual([])
  })

  it('are of the root, and of the drive that gave the token', async () => {
    expect(await ask('GET', '/me/drive/root:/folder:/delta')).toMatchObject({ status: 400 })
    expect(await ask('GET', '/me/drive/root/delta?token=nonsense')).toMatchObject({ status: 400 })
    expect(await ask('POST', '/me/drive/root/delta', {})).toMatchObject({ status: 405 })
  })
})

it('can be told since a time, on business drives', async () => {
  await start('business')
  onedrive.tree.setClock(Date.UTC(2026, 0, 1))
  await put('before')
  onedrive.tree.setClock(Date.UTC(2026, 0, 3))
  await put('after')
  const { items } = await follow('/me/drive/root/delta?token=2026-01-02T00%3A00%3A00Z')
  expect(names(items)).toEqual(['root', 'after'])
})
