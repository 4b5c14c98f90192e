import { parsePath } from '@filegate/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { vendorFetch } from '../../../test/simulators/vendor-fetch.ts'
import { names, put, textAt } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
beforeAll(async () => {
  service = await startDriveService()
  service.drive.add({ name: 'file.txt', bytes: 'content' })
})
beforeEach(() => service.drive.forget())
afterEach(() => service.drive.tree.setTotal(service.drive.user.root, undefined))
afterAll(() => service.close())

const several = { retries: { attempts: 3, firstDelay: 1 } }

describe('the pace', () => {
  it('is kept by requests, also by those of one operation', async () => {
    const started = Date.now()
    const driver = await service.connect({ pacer_burst: 2, pacer_min_sleep: 1 })
    service.drive.forget()
    // Connecting was the first of the two that are free.
    await Promise.all([names(driver), names(driver)])
    const times = service.drive.requests.map(({ time }) => time)
    expect(times).toHaveLength(2)
    expect((times[1] ?? 0) - started).toBeGreaterThan(990)
  })

  it('lets a burst go at once', async () => {
    const driver = await service.connect({ pacer_burst: 30, pacer_min_sleep: 5 })
    await Promise.all(Array.from({ length: 20 }, () => names(driver)))
    expect(service.drive.requests.length).toBe(21)
  })
})

describe('too many requests', () => {
  it.each(['rateLimitExceeded', 'userRateLimitExceeded'] as const)('(%s) are made again later', async (reason) => {
    const driver = await service.connect({}, several)
    service.drive.forget()
    service.drive.fail({ call: 'files.list', reason, retryAfter: '0' })
    expect(await names(driver)).toContain('file.txt')
    expect(service.drive.count('files.list')).toBe(2)
  })
})

describe('what may be downloaded in a day', () => {
  it.each([true, false])('is tried again when it is used up, unless stop_on_download_limit (%s)', async (stops) => {
    const driver = await service.connect({ stop_on_download_limit: stops }, several)
    service.drive.forget()
    service.drive.fail(
      ...Array.from({ length: stops ? 1 : 3 }, () => ({ call: 'files.get', reason: 'downloadQuotaExceeded' as const })),
    )
    await expect(driver.read(parsePath('file.txt'))).rejects.toThrow(/downloaded of this file in a day/)
    expect(service.drive.requests.filter(({ query }) => query.get('alt') === 'media')).toHaveLength(stops ? 1 : 3)
  })
})

describe('what may be uploaded', () => {
  it.each([true, false])('is tried again when it is used up, unless stop_on_upload_limit (%s)', async (stops) => {
    const through = vendorFetch(service.drive.routes)
    const controller = new AbortController()
    let uploads = 0
    const full: typeof fetch = async (input, init) => {
      const url = String(input instanceof Request ? input.url : input)
      if (!url.includes('/upload/')) return through(input, init)
      uploads += 1
      // Enough is known: nobody has to wait for the further tries.
      if (uploads === 2) controller.abort()
      const error = { message: 'User rate limit exceeded.', errors: [{ reason: 'userRateLimitExceeded' }] }
      return Response.json({ error }, { status: 403, headers: { 'retry-after': '0' } })
    }
    const driver = await service.connect({ stop_on_upload_limit: stops }, { fetch: full })
    const writing = put(driver, 'more.txt', 'x', { signal: controller.signal })
    await expect(writing).rejects.toMatchObject({ code: stops ? 'Throttled' : 'Aborted' })
    expect(uploads).toBe(stops ? 1 : 2)
  })

  it('ends with the storage of the account', async () => {
    const driver = await service.connect()
    const used = service.drive.tree.quota(service.drive.user.root).used
    service.drive.tree.setTotal(service.drive.user.root, used + 10)
    expect(await driver.about?.(parsePath(''))).toEqual({ total: used + 10, used, free: 10 })
    await expect(put(driver, 'large.txt', 'more than ten bytes')).rejects.toMatchObject({
      code: 'NoSpace',
      message: 'The storage of the Google account is full. Empty its trash, or get more storage.',
    })
  })
})

describe('what Google finds abusive', () => {
  it('is read with acknowledge_abuse only', async () => {
    const file = service.drive.add({ name: 'abusive.exe', bytes: 'malware' })
    service.drive.notes(file.id).abusive = true
    await expect(textAt(await service.connect(), 'abusive.exe')).rejects.toThrow(/Set acknowledge_abuse/)
    const driver = await service.connect({ acknowledge_abuse: true })
    service.drive.forget()
    expect(await textAt(driver, 'abusive.exe', { range: { start: 3, end: 7 } })).toBe('ware')
    expect(await textAt(driver, 'file.txt')).toBe('content')
    const asked = service.drive.requests.filter(({ query }) => query.get('alt') === 'media')
    expect(asked.map(({ query }) => query.has('acknowledgeAbuse'))).toEqual([false, true, false])
  })
})

describe('the older API', () => {
  it('downloads files of v2_download_min_size', async () => {
    service.drive.add({ name: 'small.txt', bytes: 'small' })
    const driver = await service.connect({ v2_download_min_size: '7' })
    expect(await textAt(driver, 'file.txt', { range: { start: 1, end: 4 } })).toBe('ont')
    expect(await textAt(driver, 'small.txt')).toBe('small')
    const older = () => service.drive.requests.filter(({ url }) => url.startsWith('/drive/v2/'))
    expect(older().length).toBeGreaterThan(0)
    const before = older().length
    await textAt(await service.connect(), 'file.txt')
    await textAt(driver, 'small.txt')
    expect(older()).toHaveLength(before)
  })
})

describe('a link for anybody', () => {
  it('is made by sharing, and does not expire', async () => {
    const driver = await service.connect()
    const file = service.drive.add({ name: 'shared.txt', bytes: 'open' })
    expect(await driver.publicLink?.(parsePath('shared.txt'))).toContain(file.id)
    expect(service.drive.notes(file.id).permissions).toMatchObject([{ type: 'anyone', role: 'reader' }])
    await expect(driver.publicLink?.(parsePath('shared.txt'), { expiresIn: 60 })).rejects.toMatchObject({
      code: 'Unsupported',
    })
  })
})
