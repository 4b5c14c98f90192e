import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes } from './routes.ts'
import { type Dropbox, startDropbox } from './start-dropbox.ts'
import { raw } from './testing-client.ts'

let dropbox: Dropbox
let authorization: string

beforeAll(async () => {
  dropbox = await startDropbox()
  authorization = `Bearer ${dropbox.issueToken().accessToken}`
})
afterAll(() => dropbox.close())

describe('the table of routes', () => {
  let written: Map<string, readonly string[]>

  beforeAll(async () => {
    const driver = new URL('../../../packages/driver-dropbox/package.json', import.meta.url)
    const main = createRequire(driver).resolve('dropbox')
    const text = await readFile(join(dirname(main), '..', 'lib', 'routes.js'), 'utf8')
    const lines = text.matchAll(
      /this\.request\('([^']+)', (?:arg|null), '([^']+)', '([^']+)', '([^']+)', ('[^']+'|null), options\)/g,
    )
    written = new Map(
      [...lines].map(([, name = '', auth = '', host = '', style = '', scope = '']) => [
        name,
        [auth, host, style, scope],
      ]),
    )
  })

  it.each(routes.map((route) => [route.name, route] as const))(
    '%s is as in the client that is made from Stone',
    (name, route) => {
      const scope = route.scope === null ? 'null' : `'${route.scope}'`
      expect([route.auth, route.host, route.style, scope]).toEqual(written.get(name))
    },
  )
})

const bad = (route: string, message: string) => ({
  status: 400,
  type: 'text/plain; charset=utf-8',
  text: `Error in call to API function "${route}": ${message}`,
})
const answerOf = async (asked: Promise<Response>) => {
  const response = await asked
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}
const json = { 'content-type': 'application/json' }
const rpc = (route: string, argument: unknown, headers: Record<string, string> = {}) =>
  answerOf(
    raw(dropbox, `/2/${route}`, { headers: { authorization, ...json, ...headers }, body: JSON.stringify(argument) }),
  )

describe('what is wrong with a request is said as text', () => {
  const readPattern = '(/(.|[\\r\\n])*|id:.*)|(rev:[0-9a-f]{9,})|(ns:[0-9]+(/(.|[\\r\\n])*)?)'

  it.each<[string, unknown, string]>([
    ['files/get_metadata', {}, "missing required field 'path'"],
    ['files/get_metadata', { path: '/a', colour: 1 }, "unknown field 'colour'"],
    ['files/get_metadata', { path: null }, "path: 'None' expected to be a string, got null"],
    ['files/get_metadata', { path: 1 }, "path: '1' expected to be a string, got integer"],
    ['files/get_metadata', { path: 'a' }, `path: 'a' did not match pattern '${readPattern}'`],
    ['files/get_metadata', { path: '' }, 'path: The root folder is unsupported.'],
    ['files/get_metadata', [], 'expected object, got list'],
    ['files/list_folder', { path: '/' }, 'path: Specify the root folder as an empty string rather than as "/".'],
    ['files/list_folder', { path: '', limit: 2001 }, 'limit: 2001 is not within range [1, 2000]'],
    ['files/list_folder', { path: '', recursive: 'yes' }, 'recursive: expected boolean, got string'],
    ['files/list_revisions', { path: '/a', mode: 'other' }, "mode: unknown tag 'other'"],
    ['files/list_revisions', { path: '/a', mode: {} }, "mode: missing '.tag' key"],
    ['files/upload_session/finish_batch_v2', { entries: [{}] }, "entries.0: missing required field 'cursor'"],
    ['files/restore', { path: '/a', rev: '12' }, "rev: '12' must be at least 9 characters, got 2"],
    ['users/get_current_account', {}, 'expected null, got value'],
  ])('%s %j', async (route, argument, message) => {
    expect(await rpc(route, argument)).toEqual(bad(route, `request body: ${message}`))
  })

  it.each([['2020-01-01T00:00:00.5Z'], ['2020-02-30T00:00:00Z'], ['2020-01-01T00:00:00+00:00']])(
    'a time is written to the second, in UTC: %s',
    async (time) => {
      const argument = JSON.stringify({ path: '/a', client_modified: time })
      const headers = { authorization, 'content-type': 'application/octet-stream', 'dropbox-api-arg': argument }
      expect(
        await answerOf(raw(dropbox, '/2/files/upload', { host: 'content.dropboxapi.com', headers, body: 'x' })),
      ).toEqual(
        bad(
          'files/upload',
          `HTTP header "Dropbox-API-Arg": client_modified: time data '${time}' does not match format '%Y-%m-%dT%H:%M:%SZ'`,
        ),
      )
    },
  )

  it('bodies and headers that are no JSON, or none, or no UTF-8', async () => {
    const route = 'files/get_metadata'
    const decode = bad(route, 'request body: could not decode input as JSON')
    expect(await answerOf(raw(dropbox, `/2/${route}`, { headers: { authorization, ...json }, body: '{' }))).toEqual(
      decode,
    )
    const binary = { authorization, 'content-type': 'application/octet-stream' }
    const host = 'content.dropboxapi.com'
    const upload = (headers: Record<string, string>) =>
      answerOf(raw(dropbox, '/2/files/upload', { host, headers, body: 'x' }))
    expect(await upload(binary)).toEqual(
      bad('files/upload', 'Must provide HTTP header "Dropbox-API-Arg" or URL parameter "arg".'),
    )
    expect(await upload({ ...binary, 'dropbox-api-arg': '{"path":"/\u00fc"}' })).toEqual(
      bad('files/upload', 'HTTP header "Dropbox-API-Arg": could not decode input as JSON'),
    )
    expect((await upload({ ...binary, 'dropbox-api-arg': '{"path":"/\\u00fc"}' })).status).toBe(200)
    // The two bytes of it, one by one.
    expect((await upload({ ...binary, 'dropbox-api-arg': '{"path":"/\u00c3\u00bc"}' })).status).toBe(200)
    expect(dropbox.tree.named(dropbox.home, 'ü')).toHaveLength(1)
  })

  it('content types, methods, hosts, parameters and names that are none', async () => {
    expect(await rpc('files/get_metadata', { path: '/a' }, { 'content-type': 'text/plain' })).toEqual(
      bad(
        'files/get_metadata',
        'Bad HTTP "Content-Type" header: "text/plain".  Expecting one of "application/json", "application/json; charset=utf-8", "text/plain; charset=dropbox-cors-hack".',
      ),
    )
    const host = 'content.dropboxapi.com'
    const arg = { authorization, 'dropbox-api-arg': '{"path":"/a"}' }
    const form = { ...arg, 'content-type': 'application/x-www-form-urlencoded' }
    expect(await answerOf(raw(dropbox, '/2/files/upload', { host, headers: form, body: 'x' }))).toEqual(
      bad(
        'files/upload',
        'Bad HTTP "Content-Type" header: "application/x-www-form-urlencoded".  Expecting one of "application/octet-stream", "text/plain; charset=dropbox-cors-hack".',
      ),
    )
    const binary = { ...arg, 'content-type': 'application/octet-stream' }
    expect(await answerOf(raw(dropbox, '/2/files/download', { host, headers: binary, body: 'x' }))).toEqual(
      bad('files/download', "The request body is supposed to be empty, but isn't."),
    )
    expect(
      await answerOf(raw(dropbox, '/2/files/list_folder', { method: 'GET', headers: { authorization } })),
    ).toMatchObject({
      status: 400,
      text: expect.stringContaining('"GET"'),
    })
    expect((await answerOf(raw(dropbox, '/2/files/download', { headers: arg }))).text).toContain(
      'content.dropboxapi.com',
    )
    expect(await answerOf(raw(dropbox, '/2/files/nothing', { headers: { authorization } }))).toMatchObject({
      status: 400,
      text: 'Unknown API function: "files/nothing"',
    })
    expect((await rpc('files/list_folder?limit=3', { path: '' })).status).toBe(400)
  })

  it("longpoll is nobody's", async () => {
    const headers = { authorization, ...json }
    const asked = raw(dropbox, '/2/files/list_folder/longpoll', {
      host: 'notify.dropboxapi.com',
      headers,
      body: '{"cursor":"x"}',
    })
    expect(await answerOf(asked)).toEqual(bad('files/list_folder/longpoll', 'Unexpected HTTP header "Authorization".'))
  })
})

describe('downloads', () => {
  const download = (
    path: string,
    headers: Record<string, string> = {},
    method = 'POST',
    host = 'content.dropboxapi.com',
  ) =>
    raw(dropbox, '/2/files/download', {
      host,
      method,
      headers: {
        authorization,
        'dropbox-api-arg': JSON.stringify({ path }).replace(/[^\0-~]/g, '\\u00fc'),
        ...headers,
      },
    })

  beforeAll(() => dropbox.seed({ '/range.txt': '0123456789', '/empty': '', '/ü.txt': 'x' }))

  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=4-', '456789', 'bytes 4-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
  ])('%s', async (range, text, content) => {
    const response = await download('/range.txt', { range })
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
      206,
      content,
      text,
    ])
    expect(response.headers.get('dropbox-api-result')).toContain('"size":10')
  })

  it('a part that is not there, and what is no range', async () => {
    expect((await download('/range.txt', { range: 'bytes=10-' })).status).toBe(416)
    expect((await download('/empty', { range: 'bytes=0-' })).status).toBe(416)
    const whole = await download('/range.txt', { range: 'bytes=0-1,4-5' })
    expect([whole.status, await whole.text()]).toEqual([200, '0123456789'])
  })

  it('metadata comes in a header of ASCII, with an etag to ask by', async () => {
    const response = await download('/ü.txt')
    const result: unknown = JSON.parse(response.headers.get('dropbox-api-result') ?? '')
    expect(response.headers.get('dropbox-api-result')).toContain('\\u00fc')
    expect(result).toMatchObject({ name: 'ü.txt' })
    const etag = response.headers.get('etag') ?? ''
    expect(etag).toMatch(/^W\/"[0-9a-f]+"$/)
    expect((await download('/ü.txt', { 'if-none-match': etag }, 'GET')).status).toBe(304)
  })

  it('documents of Paper are exported, what is restricted is not given', async () => {
    dropbox.addPaper(
      '/Notes.paper',
      new Map([
        ['html', Buffer.from('<p>notes')],
        ['markdown', Buffer.from('notes')],
      ]),
    )
    dropbox.seed({ '/secret': 'x' })
    dropbox.restrict('/secret')
    expect(await answerOf(download('/Notes.paper'))).toMatchObject({
      status: 409,
      text: expect.stringContaining('unsupported_file'),
    })
    expect(await answerOf(download('/secret'))).toMatchObject({
      status: 409,
      text: expect.stringContaining('path/restricted_content'),
    })
    const take = (argument: object) =>
      raw(dropbox, '/2/files/export', {
        host: 'content.dropboxapi.com',
        headers: { authorization, 'dropbox-api-arg': JSON.stringify(argument) },
      })
    expect(await (await take({ path: '/Notes.paper' })).text()).toBe('<p>notes')
    const markdown = await take({ path: '/Notes.paper', export_format: 'markdown' })
    expect(JSON.parse(markdown.headers.get('dropbox-api-result') ?? '')).toMatchObject({
      export_metadata: { name: 'Notes.markdown', size: 5 },
      file_metadata: {
        is_downloadable: false,
        export_info: { export_as: 'html', export_options: ['html', 'markdown'] },
      },
    })
    expect((await take({ path: '/range.txt' })).status).toBe(409)
    expect(await (await take({ path: '/Notes.paper', export_format: 'pdf' })).text()).toContain('invalid_export_format')
  })

  it('a temporary link gives bytes to everybody, for four hours', async () => {
    const { link } = JSON.parse((await rpc('files/get_temporary_link', { path: '/range.txt' })).text)
    const { host, pathname } = new URL(String(link))
    const read = () => raw(dropbox, pathname, { host, method: 'GET', headers: { range: 'bytes=2-3' } })
    const response = await read()
    expect([response.status, await response.text()]).toEqual([206, '23'])
    dropbox.tree.setClock(Date.now() + 4 * 3_600_000)
    expect((await read()).status).toBe(410)
    dropbox.tree.setClock(undefined)
  })
})

describe('failures', () => {
  const account = () => raw(dropbox, '/2/users/get_current_account', { headers: { authorization } })

  it('too many calls are told when to come again', async () => {
    dropbox.fail(
      { with: 'too_many_requests', retryAfter: 7 },
      { route: 'users/get_current_account', with: 'too_many_write_operations' },
    )
    const first = await account()
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '7'])
    expect(await first.json()).toMatchObject({ error: { reason: { '.tag': 'too_many_requests' }, retry_after: 7 } })
    expect(await (await account()).json()).toMatchObject({ error: { reason: { '.tag': 'too_many_write_operations' } } })
    expect((await account()).status).toBe(200)
  })

  it('an answer is lost, a connection dropped, a body cut', async () => {
    dropbox.forget()
    const before = dropbox.tree.sequence
    const create = (path: string) =>
      raw(dropbox, '/2/files/create_folder_v2', { headers: { authorization, ...json }, body: JSON.stringify({ path }) })
    dropbox.fail({ with: 'lost' }, { with: 'dropped' })
    await expect(create('/lost')).rejects.toThrow('fetch failed')
    expect(dropbox.tree.sequence).toBe(before + 1)
    await expect(create('/dropped')).rejects.toThrow('fetch failed')
    expect(dropbox.tree.sequence).toBe(before + 1)
    dropbox.fail({ route: 'files/download', with: 'cut', after: 3 })
    const headers = { authorization, 'dropbox-api-arg': '{"path":"/range.txt"}' }
    const response = await raw(dropbox, '/2/files/download', { host: 'content.dropboxapi.com', headers })
    expect(response.headers.get('content-length')).toBe('10')
    await expect(response.text()).rejects.toThrow('terminated')
    expect(dropbox.requests.map(({ route, status }) => [route, status])).toEqual([
      ['files/create_folder_v2', 0],
      ['files/create_folder_v2', 0],
      ['files/download', 200],
    ])
  })

  it('writing at the same time is refused by the routes themselves', async () => {
    const contention = (route: string) => dropbox.fail({ route, with: 'contention' })
    for (const [route, argument, summary] of [
      ['files/create_folder_v2', { path: '/x' }, 'path/too_many_write_operations/'],
      ['files/delete_v2', { path: '/range.txt' }, 'too_many_write_operations/'],
      ['files/move_v2', { from_path: '/range.txt', to_path: '/y' }, 'to/too_many_write_operations/'],
    ] as const) {
      contention(route)
      const { status, text } = await rpc(route, argument)
      expect([status, text]).toEqual([409, expect.stringContaining(`"error_summary":"${summary}`)])
    }
  })
})
