import { once } from 'node:events'
import { createServer } from 'node:http'
import { collectBytes, openDriver, parsePath, type StorageDriver } from '@filegate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { azureblob } from '../index.ts'
import { account, key } from '../testing/azurite.ts'

const bytes = '0123456789'

describe('ranges of a service that does not send what it is asked for', () => {
  let contentRange: string | undefined
  let body = ''
  let driver: StorageDriver
  const service = createServer((request, response) => {
    const common = { 'x-ms-version': '2025-01-05', 'x-ms-request-id': 'one', etag: '"0x1"' }
    if (request.url?.includes('comp=list')) {
      const page = `<EnumerationResults ServiceEndpoint="http://127.0.0.1/"><Containers/><NextMarker/></EnumerationResults>`
      response.writeHead(200, { ...common, 'content-type': 'application/xml' }).end(page)
      return
    }
    const headers = { ...common, 'content-length': body.length, 'last-modified': 'Sun, 01 Feb 2026 10:00:00 GMT' }
    const isPart = contentRange !== undefined
    response.writeHead(isPart ? 206 : 200, { ...headers, ...(isPart && { 'content-range': contentRange }) }).end(body)
  })

  beforeAll(async () => {
    await once(service.listen(0, '127.0.0.1'), 'listening')
    const address = service.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const endpoint = `http://127.0.0.1:${port}/${account}`
    driver = await openDriver(azureblob, { account, key, endpoint }, { retries: { attempts: 1 } })
  })
  afterAll(() => {
    service.closeAllConnections()
    service.close()
  })

  const read = async (range: { readonly start: number; readonly end?: number }): Promise<string> => {
    const result = await driver.read(parsePath('box/file'), { range })
    return Buffer.from(await collectBytes(result.body)).toString()
  }
  const answer = (range: string | undefined, text: string): void => {
    contentRange = range
    body = text
  }

  it('are taken when they are what was asked for', async () => {
    answer('bytes 2-4/10', '234')
    expect(await read({ start: 2, end: 5 })).toBe('234')
    answer('bytes 8-9/10', '89')
    expect(await read({ start: 8, end: 50 })).toBe('89')
    answer(undefined, bytes)
    expect(await read({ start: 0, end: 10 })).toBe(bytes)
  })

  it.each([
    ['of another place', 'bytes 5-7/10', '567'],
    ['longer than was asked for', 'bytes 2-9/10', '23456789'],
    ['of all', undefined, bytes],
  ])('are refused when they are %s', async (_what, range, text) => {
    answer(range, text)
    await expect(read({ start: 2, end: 5 })).rejects.toMatchObject({ code: 'Unexpected' })
  })
})
