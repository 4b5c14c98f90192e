import { can, parsePath, requireMethods } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type OneDrive, startOneDrive } from '../../../test/simulators/onedrive/start-onedrive.ts'
import { contentAt, countOf, itemAt, put } from './testing/files.ts'
import { hurried } from './testing/hurried.ts'
import { connectTo } from './testing/onedrive-harness.ts'

const bob = 'bob@contoso.com'
const on = { server_side_across_configs: true }

let service: OneDrive
beforeAll(async () => {
  hurried()
  service = await startOneDrive({
    drives: [{ type: 'business' }, { type: 'business', owner: bob }, { type: 'personal', owner: bob }],
  })
})
beforeEach(() => service.forget())
afterAll(() => service.close())

const own = async () => requireMethods(await connectTo(service, on), 'handle')

/** Bob's connection to one of the drives. */
async function bobs(drive: number) {
  const options = { ...on, token: service.tokenBlob({ user: bob }), drive_id: service.drives[drive]?.id ?? '' }
  const type = service.drives[drive]?.type
  const driver = await connectTo(service, { ...options, drive_type: type })
  service.forget()
  return requireMethods(driver, 'copyFrom')
}

describe('with server_side_across_configs, a file', () => {
  it('that another account may read is copied there by the service', async () => {
    put(service, 'shared.txt', 'shared')
    service.share(itemAt(service, 'shared.txt')?.id ?? '', bob)
    const source = await own()
    const handle = await source.handle(parsePath('shared.txt'))
    const target = await bobs(1)
    const entry = await target.copyFrom(parsePath('in/copy.txt'), { handle })
    const requests = [...service.requests]
    const { modified } = await source.stat(parsePath('shared.txt'))
    expect(entry).toMatchObject({ path: 'in/copy.txt', size: 6, modified })
    expect(contentAt(service, 'in/copy.txt', 1)).toBe('shared')
    expect(countOf(service, 'copy')).toBe(1)
    expect(requests.filter(({ operation }) => /content|upload|download/i.test(operation))).toEqual([])
  })

  it('that is not shared is refused to the other account', async () => {
    put(service, 'private.txt', 'private')
    const handle = await (await own()).handle(parsePath('private.txt'))
    const copying = (await bobs(1)).copyFrom(parsePath('private-copy.txt'), { handle })
    await expect(copying).rejects.toMatchObject({ code: expect.stringMatching(/^(NotFound|AccessDenied)$/) })
    expect(itemAt(service, 'private-copy.txt', 1)).toBeUndefined()
    expect(countOf(service, 'copy')).toBe(0)
  })

  it('is not copied between drives of organizations and personal ones, and nothing is asked', async () => {
    put(service, 'work.txt', 'work')
    const handle = await (await own()).handle(parsePath('work.txt'))
    const target = await bobs(2)
    const copying = target.copyFrom(parsePath('work.txt'), { handle })
    await expect(copying).rejects.toMatchObject({ code: 'Unsupported' })
    expect(service.requests).toEqual([])
  })

  it('that is a notebook is not copied', async () => {
    put(service, 'notebook', 'pages')
    service.mark(itemAt(service, 'notebook')?.id ?? '', { package: 'oneNote' })
    const driver = requireMethods(await connectTo(service, { ...on, expose_onenote_files: true }), 'handle')
    await expect(driver.handle(parsePath('notebook'))).rejects.toMatchObject({ code: 'Unsupported' })
  })
})

it('without server_side_across_configs nothing is copied between connections', async () => {
  const driver = await connectTo(service)
  expect([can(driver, 'handle'), can(driver, 'copyFrom')]).toEqual([false, false])
})
