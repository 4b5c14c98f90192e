import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PlainAnswer, plainRequest, signedRequest } from './signed-request.ts'
import { type AzureFiles, startAzureFiles } from './start-azure-files.ts'

// What a client would have to do wrong on purpose; what clients do right, they test themselves.

let azure: AzureFiles
beforeEach(async () => {
  azure = await startAzureFiles({ shares: ['share'] })
})
afterEach(() => azure.close())

type Headers = Readonly<Record<string, string>>
const ask = (method: string, target: string, headers?: Headers, body?: string): Promise<PlainAnswer> =>
  signedRequest(azure, method, target, headers, body)
const create = (path: string, size: number, headers: Headers = {}) =>
  ask('PUT', `/share/${path}`, { 'x-ms-type': 'file', 'x-ms-content-length': String(size), ...headers })
const put = (path: string, start: number, text: string, headers: Headers = {}) => {
  const range = `bytes=${start}-${start + text.length - 1}`
  return ask('PUT', `/share/${path}?comp=range`, { 'x-ms-write': 'update', 'x-ms-range': range, ...headers }, text)
}
const read = (path: string, headers: Headers = {}) => ask('GET', `/share/${path}`, headers)
const code = ({ status, headers }: PlainAnswer) => [status, headers['x-ms-error-code']]

describe('authorization', () => {
  it('takes Shared Key, and says which text it would have signed', async () => {
    expect((await ask('GET', '/?comp=list')).status).toBe(200)
    const wrong = await signedRequest({ ...azure, key: 'd3Jvbmc=' }, 'GET', '/?comp=list')
    expect(code(wrong)).toEqual([403, 'AuthenticationFailed'])
    expect(wrong.body).toContain(`/${azure.account}/${azure.account}/\ncomp:list'`)
  })

  it('takes no request without any, and names who gives out tokens', async () => {
    const answer = await plainRequest(new URL(`${azure.endpoint}/?comp=list`), 'GET', { 'x-ms-version': '2026-10-06' })
    expect(code(answer)).toEqual([401, 'NoAuthenticationInformation'])
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer authorization_uri=/)
  })

  it('takes no request that is older than a quarter of an hour', async () => {
    const date = (minutes: number) => new Date(Date.now() - minutes * 60_000).toUTCString()
    expect((await ask('GET', '/?comp=list', { 'x-ms-date': date(14) })).status).toBe(200)
    expect(code(await ask('GET', '/?comp=list', { 'x-ms-date': date(16) }))).toEqual([403, 'AuthenticationFailed'])
  })

  it('takes no tokens over plain HTTP', async () => {
    const headers = { authorization: 'Bearer token', 'x-ms-version': '2026-10-06' }
    const answer = await plainRequest(new URL(`${azure.endpoint}/?comp=list`), 'GET', headers)
    expect(code(answer)).toEqual([403, 'AuthorizationProtocolMismatch'])
  })

  it('needs a version', async () => {
    expect(code(await ask('GET', '/?comp=list', { 'x-ms-version': '' }))).toEqual([400, 'MissingRequiredHeader'])
    expect(code(await ask('GET', '/?comp=list', { 'x-ms-version': 'new' }))).toEqual([400, 'InvalidHeaderValue'])
  })
})

describe('an answer', () => {
  it('refuses in XML, with an identifier, in the words of the service', async () => {
    const answer = await read('missing')
    expect(code(answer)).toEqual([404, 'ResourceNotFound'])
    expect(answer.headers['content-type']).toBe('application/xml')
    const pattern =
      /^<\?xml version="1.0" encoding="utf-8"\?><Error><Code>ResourceNotFound<\/Code><Message>The specified resource does not exist.\nRequestId:[-0-9a-f]+\nTime:[-0-9T:.]+Z<\/Message><\/Error>$/
    expect(answer.body).toMatch(pattern)
  })

  it('to HEAD has headers only', async () => {
    const answer = await ask('HEAD', '/share/missing')
    expect(code(answer)).toEqual([404, 'ResourceNotFound'])
    expect(answer.body).toBe('')
  })

  it('is ServerBusy as often as a test says, for the operation that it names', async () => {
    azure.refuse(2, { operation: 'Create File', retryAfter: 7 })
    expect((await ask('GET', '/?comp=list')).status).toBe(200)
    expect(code(await create('file', 0))).toEqual([503, 'ServerBusy'])
    expect((await create('file', 0)).headers['retry-after']).toBe('7')
    expect((await create('file', 0)).status).toBe(201)
    expect(azure.requests.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
      'List Shares 200',
      'Create File 503',
      'Create File 503',
      'Create File 201',
    ])
  })

  it('is a clear refusal for what is no operation', async () => {
    expect(code(await ask('GET', '/share?comp=acl&restype=share'))).toEqual([400, 'InvalidUri'])
    expect(code(await ask('POST', '/share/file'))).toEqual([405, 'UnsupportedHttpVerb'])
    expect(code(await ask('GET', '/share/%ff'))).toEqual([400, 'InvalidUri'])
    expect(code(await ask('GET', '/share'))).toEqual([400, 'InvalidUri'])
    expect(code(await ask('GET', '/No_Share?restype=share'))).toEqual([400, 'InvalidResourceName'])
  })
})

describe('names', () => {
  it('differ in more than case, and keep the case of whoever came first', async () => {
    await ask('PUT', '/share/Dir?restype=directory')
    await create('Dir/File.TXT', 1)
    expect(code(await ask('PUT', '/share/dIR?restype=directory'))).toEqual([409, 'ResourceAlreadyExists'])
    await create('dir/file.txt', 2)
    const { body } = await ask('GET', '/share/DIR?restype=directory&comp=list')
    expect(body).toContain('<Entries><File><Name>File.TXT</Name><Properties><Content-Length>2</Content-Length>')
  })

  it('lose the dots at their end, unless a header keeps them', async () => {
    await create('dots..', 1)
    expect((await ask('HEAD', '/share/dots')).status).toBe(200)
    expect((await ask('HEAD', '/share/dots..', { 'x-ms-allow-trailing-dot': 'true' })).status).toBe(404)
    await create('dots..', 2, { 'x-ms-allow-trailing-dot': 'true' })
    expect((await ask('HEAD', '/share/dots..', { 'x-ms-allow-trailing-dot': 'true' })).headers['content-length']).toBe(
      '2',
    )
    expect((await ask('HEAD', '/share/dots')).headers['content-length']).toBe('1')
  })

  it('may come with their slashes encoded', async () => {
    await ask('PUT', '/share/dir?restype=directory')
    expect((await create('dir%2Ffile', 1)).status).toBe(201)
    expect((await ask('HEAD', '/share/dir/file')).status).toBe(200)
  })
})

describe('a directory and a file', () => {
  it('are not each other', async () => {
    await ask('PUT', '/share/dir?restype=directory')
    await create('file', 1)
    expect(code(await create('dir', 1))).toEqual([409, 'ResourceTypeMismatch'])
    expect(code(await ask('PUT', '/share/file?restype=directory'))).toEqual([409, 'ResourceTypeMismatch'])
    expect(code(await ask('HEAD', '/share/dir'))).toEqual([404, 'ResourceNotFound'])
    expect(code(await ask('GET', '/share/file?restype=directory'))).toEqual([404, 'ResourceNotFound'])
    expect(code(await ask('DELETE', '/share/dir'))).toEqual([409, 'ResourceTypeMismatch'])
    expect(code(await create('file/inside', 1))).toEqual([404, 'ParentNotFound'])
  })

  it('that is read-only is neither written, replaced nor deleted', async () => {
    await create('file', 4, { 'x-ms-file-attributes': 'ReadOnly' })
    await create('other', 4)
    expect(code(await put('file', 0, 'text'))).toEqual([409, 'ReadOnlyAttribute'])
    expect(code(await create('file', 1))).toEqual([409, 'ReadOnlyAttribute'])
    expect(code(await ask('DELETE', '/share/file'))).toEqual([409, 'ReadOnlyAttribute'])
    const source = `${azure.endpoint}/share/other`
    const over = (headers: Headers) =>
      ask('PUT', '/share/file?comp=rename', { 'x-ms-file-rename-source': source, ...headers })
    const replace = { 'x-ms-file-rename-replace-if-exists': 'true' }
    const ignore = { 'x-ms-file-rename-ignore-readonly': 'true' }
    expect(code(await over({}))).toEqual([409, 'ResourceAlreadyExists'])
    expect(code(await over(ignore))).toEqual([400, 'InvalidHeaderValue'])
    expect(code(await over(replace))).toEqual([409, 'ReadOnlyAttribute'])
    expect((await over({ ...replace, ...ignore })).status).toBe(200)
    expect((await ask('HEAD', '/share/file')).headers['x-ms-file-attributes']).toBe('Archive')
  })
})

describe('listing', () => {
  const list = (query: string) => ask('GET', `/share?restype=directory&comp=list&${query}`)
  const names = ({ body }: PlainAnswer) => [...body.matchAll(/<Name>([^<]*)/g)].map(([, name]) => name)

  it('goes on behind its markers, whatever is deleted meanwhile', async () => {
    for (const name of ['b', 'A', 'c', 'D']) await create(name, 0)
    const first = await list('maxresults=2')
    expect(names(first)).toEqual(['A', 'b'])
    const marker = /<NextMarker>(.+)<\/NextMarker>/.exec(first.body)?.[1] ?? ''
    await ask('DELETE', '/share/c')
    const second = await list(`maxresults=2&marker=${encodeURIComponent(marker)}`)
    expect(names(second)).toEqual(['D'])
    expect(second.body).toContain('<NextMarker />')
  })

  it('takes only markers that it gave out, and pages of some size', async () => {
    expect(code(await list('marker=invented'))).toEqual([400, 'InvalidQueryParameterValue'])
    expect(code(await list('maxresults=0'))).toEqual([400, 'OutOfRangeQueryParameterValue'])
    expect(code(await list('maxresults=many'))).toEqual([400, 'InvalidQueryParameterValue'])
    expect(code(await list('include=everything'))).toEqual([400, 'InvalidQueryParameterValue'])
  })

  it('says what it is asked to include and no more', async () => {
    await create('file', 3)
    expect((await list('')).body).toContain(
      '<Entries><File><Name>file</Name><Properties><Content-Length>3</Content-Length></Properties></File></Entries>',
    )
    const { body } = await list('include=Timestamps,Etag,Attributes,PermissionKey')
    for (const name of ['FileId', 'LastWriteTime', 'Etag', 'Attributes', 'PermissionKey', 'DirectoryId'])
      expect(body).toContain(`<${name}>`)
  })
})
