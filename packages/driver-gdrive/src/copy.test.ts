import { parsePath } from '@filegate/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { names, put, textAt, walked } from './testing/asking.ts'
import { type DriveService, startDriveService } from './testing/simulated-drive.ts'

let service: DriveService
beforeAll(async () => {
  service = await startDriveService()
})
beforeEach(() => service.drive.forget())
afterAll(() => service.close())

describe('a copy of a folder', () => {
  it('outlasts too many requests, file by file', async () => {
    const driver = await service.connect()
    for (const name of ['a.txt', 'b.txt', 'in/c.txt']) await put(driver, `source/${name}`, name)
    service.drive.forget()
    service.drive.fail({ call: 'files.copy', reason: 'userRateLimitExceeded', retryAfter: '0' })
    await driver.copy?.(parsePath('source'), { destination: parsePath('target') })
    expect(await walked(driver, 'target')).toEqual(['target/a.txt', 'target/b.txt', 'target/in', 'target/in/c.txt'])
    expect(service.drive.count('files.copy')).toBe(4)
  })

  it('that fails goes away', async () => {
    const driver = await service.connect()
    await put(driver, 'half/a.txt')
    service.drive.fail({ call: 'files.copy', reason: 'storageQuotaExceeded' })
    const copying = driver.copy?.(parsePath('half'), { destination: parsePath('failed') })
    await expect(copying).rejects.toMatchObject({ code: 'NoSpace' })
    expect(await names(driver)).not.toContain('failed')
  })
})

describe('what is copied, moved or renamed', () => {
  it('keeps its time', async () => {
    const driver = await service.connect()
    const modified = Date.UTC(2019, 4, 6, 7, 8, 9, 123)
    await put(driver, 'timed/a.txt', 'x', { modified })
    await driver.copy?.(parsePath('timed/a.txt'), { destination: parsePath('timed/b.txt') })
    await driver.move?.(parsePath('timed/a.txt'), { destination: parsePath('timed/c.txt') })
    await driver.move?.(parsePath('timed/c.txt'), { destination: parsePath('moved/c.txt') })
    for (const path of ['timed/b.txt', 'moved/c.txt']) {
      expect(await driver.stat(parsePath(path))).toMatchObject({ modified })
    }
    const entry = await driver.setModified?.(parsePath('moved/c.txt'), { modified: modified + 1 })
    expect(entry).toMatchObject({ modified: modified + 1 })
    expect(await textAt(driver, 'moved/c.txt')).toBe('x')
    const strange = driver.setModified?.(parsePath('moved/c.txt'), { modified: 1e18 })
    await expect(strange).rejects.toMatchObject({ code: 'InvalidArgument' })
  })
})
