import { parsePath } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type OneDrive, startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import { connect, listening, names } from './testing/connected.ts'
import { altered, lyingFetch } from './testing/lying-fetch.ts'
import { contentAt, countOf, itemAt, put, write } from './testing/files.ts'
import { hurried } from './testing/hurried.ts'

/** One's own drive, a library, and somebody else's. */
let business: OneDrive
beforeAll(async () => {
  hurried()
  business = await startOneDrive({
    drives: [
      { type: 'business' },
      { type: 'documentLibrary', name: 'Team' },
      { type: 'business', owner: 'bob@contoso.com' },
    ],
  })
})
beforeEach(() => business.forget())
afterAll(() => business.close())

const listed = z.object({
  value: z.array(
    z.object({
      roles: z.array(z.string()),
      invitation: z.object({ email: z.string() }).optional(),
      link: z.object({ type: z.string() }).optional(),
    }),
  ),
})

describe('metadata_permissions', () => {
  const granted = (service: OneDrive, path: string) => {
    const id = itemAt(service, path)?.id ?? ''
    return fetchPermissions(service, id)
  }
  async function fetchPermissions(service: OneDrive, id: string): Promise<string[]> {
    const drive = service.drives[0]?.id ?? ''
    const url = `https://graph.microsoft.com/v1.0/drives/${encodeURIComponent(drive)}/items/${encodeURIComponent(id)}/permissions`
    const headers = { authorization: `Bearer ${service.issueToken()}` }
    const { value } = listed.parse(await (await vendorFetch(service.routes)(url, { headers })).json())
    return value.flatMap(({ invitation, link, roles }) => {
      if (invitation) return [`${invitation.email} ${roles.join(',')}`]
      return link ? [`link ${link.type}`] : []
    })
  }

  it('are given to a copy with write, those of its own and not those of its folder', async () => {
    put(business, 'granted/file.txt')
    business.share(itemAt(business, 'granted')?.id ?? '', 'folder@contoso.com')
    business.share(itemAt(business, 'granted/file.txt')?.id ?? '', 'bob@contoso.com', ['write'])
    await (await connect(business)).publicLink(parsePath('granted/file.txt'))
    const driver = await connect(business, { metadata_permissions: 'read,write' })
    await driver.copy(parsePath('granted/file.txt'), { destination: parsePath('copied/file.txt') })
    expect(await granted(business, 'copied/file.txt')).toEqual(['bob@contoso.com write', 'link view'])
    await write(driver, 'granted/file.txt', 'replaced')
    expect(await granted(business, 'granted/file.txt')).toContain('bob@contoso.com write')
    await (await connect(business)).copy(parsePath('granted/file.txt'), { destination: parsePath('copied/bare.txt') })
    expect(await granted(business, 'copied/bare.txt')).toEqual([])
  })

  it('are named in the log with read, where a copy lacks them', async () => {
    put(business, 'lacking.txt')
    business.share(itemAt(business, 'lacking.txt')?.id ?? '', 'bob@contoso.com', ['write'])
    const { log, told } = listening()
    const driver = await connect(business, { metadata_permissions: '1' }, { log })
    await driver.copy(parsePath('lacking.txt'), { destination: parsePath('copied/lacking.txt') })
    expect(told).toEqual([expect.stringMatching(/^info: .*"lacking":\["write"\]/)])
    expect(await granted(business, 'copied/lacking.txt')).toEqual([])
  })

  it('may fail with failok, and fail the copy otherwise', async () => {
    put(business, 'failing.txt')
    business.share(itemAt(business, 'failing.txt')?.id ?? '', 'bob@contoso.com', ['write'])
    const { log, told } = listening()
    const strict = await connect(business, { metadata_permissions: 'write' })
    business.fail({ operation: 'invite', code: 'accessDenied' })
    const failed = strict.copy(parsePath('failing.txt'), { destination: parsePath('copied/f1.txt') })
    await expect(failed).rejects.toMatchObject({ code: 'AccessDenied' })
    const lenient = await connect(business, { metadata_permissions: 'write,failok' }, { log })
    business.fail({ operation: 'invite', code: 'accessDenied' })
    await lenient.copy(parsePath('failing.txt'), { destination: parsePath('copied/f2.txt') })
    expect(told).toEqual([expect.stringMatching(/^warn: The permissions/)])
  })
})

describe('copies between drives', () => {
  const share = (place: string) => {
    put(business, `${place}/folder/file.txt`, 'theirs', 2)
    const shared = itemAt(business, place, 2)?.id ?? ''
    business.share(shared, 'ann@contoso.com', ['read', 'write'])
    const [own] = business.drives
    business.addShortcut(shared, { name: place, parent: own?.root ?? '' })
  }

  it('are read and written, and made by the service with server_side_across_configs', async () => {
    share('across')
    const careful = await connect(business)
    await careful.copy(parsePath('across/folder'), { destination: parsePath('by-hand') })
    expect(contentAt(business, 'by-hand/file.txt')).toBe('theirs')
    expect(countOf(business, 'copy')).toBe(0)
    const daring = await connect(business, { server_side_across_configs: true })
    await daring.copy(parsePath('across/folder'), { destination: parsePath('by-service') })
    expect(contentAt(business, 'by-service/file.txt')).toBe('theirs')
    expect(countOf(business, 'copy')).toBe(1)
  })

  it('are as long as the bytes are, whatever the listing tells', async () => {
    share('pictures')
    const { fetch } = lyingFetch(business, ({ url }, truth) =>
      url.pathname.endsWith('/children') && url.search !== ''
        ? altered(truth(), ({ value }) => ({
            value: Array.isArray(value) ? value.map((item: object) => ({ ...item, size: 99 })) : value,
          }))
        : undefined,
    )
    const driver = await connect(business, {}, { fetch })
    await driver.copy(parsePath('pictures/folder'), { destination: parsePath('pictures-by-hand') })
    expect(contentAt(business, 'pictures-by-hand/file.txt')).toBe('theirs')
  })

  it('have an end also where a shared folder leads back to what is around it', async () => {
    share('circle')
    const folder = itemAt(business, 'circle/folder', 2)?.id ?? ''
    business.addShortcut(itemAt(business, 'circle', 2)?.id ?? '', { name: 'back', parent: folder })
    const driver = await connect(business)
    const copying = driver.copy(parsePath('circle'), { destination: parsePath('no-end') })
    await expect(copying).rejects.toMatchObject({
      code: 'Unsupported',
      message: expect.stringContaining("'back' leads back"),
    })
  })

  it('stand behind moves out of and into what others share, which itself stays', async () => {
    share('moving')
    const driver = await connect(business)
    await driver.move(parsePath('moving/folder/file.txt'), { destination: parsePath('mine.txt') })
    expect(contentAt(business, 'mine.txt')).toBe('theirs')
    expect(itemAt(business, 'moving/folder/file.txt', 2)).toBeUndefined()
    await driver.move(parsePath('mine.txt'), { destination: parsePath('moving/back.txt') })
    expect(contentAt(business, 'moving/back.txt', 2)).toBe('theirs')
    await driver.move(parsePath('moving'), { destination: parsePath('renamed') })
    expect(await names(driver, 'renamed')).toContain('back.txt')
    await driver.remove(parsePath('renamed'))
    expect(contentAt(business, 'moving/back.txt', 2)).toBe('theirs')
    await expect(driver.stat(parsePath('renamed'))).rejects.toMatchObject({ code: 'NotFound' })
  })
})
