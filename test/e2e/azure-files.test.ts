import { createHash, randomBytes } from 'node:crypto'
import { assemble } from '@filegate/core'
import { azurefiles } from '@filegate/driver-azure'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { classify } from '../../packages/driver-azure/src/files/errors.ts'
import { independentClient, putFile } from '../../packages/driver-azure/src/files/testing/files-harness.ts'
import { type AzureFiles, startAzureFiles } from '../simulators/azure-files/start-azure-files.ts'
import { type HttpFault, type HttpFaultProxy, startHttpFaultProxy } from '../simulators/http-fault-proxy.ts'
import { serve, type Serving } from './serving.ts'
import { zipOf } from './stored-zip.ts'

const content = Buffer.from(
  Array.from({ length: 12_000 }, (_, line) => `${line} ${randomBytes(20).toString('hex')}\n`).join(''),
)
const lines = content.toString().split('\n')
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const names = Array.from({ length: 40 }, (_, number) => `name-${String(number).padStart(2, '0')}.txt`)

let azure: AzureFiles
let server: Serving
let proxy: HttpFaultProxy
let id: string
beforeAll(async () => {
  azure = await startAzureFiles({ shares: ['documents'] })
  const share = independentClient(azure).getShareClient('documents')
  for (const folder of ['folder', 'many']) await share.createDirectory(folder)
  await putFile(share, 'folder/file.txt', content)
  await putFile(share, 'folder/other.txt', Buffer.from('needle in another file\n'))
  await putFile(share, 'packed.zip', zipOf({ 'inside/a.txt': 'first', 'b.txt': 'second' }))
  for (const name of names) await putFile(share, `many/${name}`, Buffer.from(name))
  // The driver with the layers that it has anyway, once more inside of them, in a hurry.
  const connect: typeof azurefiles.connect = async (options, context) =>
    assemble(await azurefiles.connect(options, context), {
      classify,
      limits: { quick: 200, idle: 200 },
      retries: { firstDelay: 5, longestDelay: 20 },
    })
  server = await serve({}, {}, { providers: { azurefiles: async () => ({ ...azurefiles, connect }) } })
})
afterAll(async () => {
  await server.stop()
  await azure.close()
})
beforeEach(async () => {
  proxy = await startHttpFaultProxy(Number(new URL(azure.endpoint).port))
  const { data } = (await (await connectTo()).json()) as { data: { id: string } }
  id = data.id
  proxy.only(`GET /${azure.account}/documents/folder/file.txt`)
})
afterEach(() => proxy.close())

const connectTo = (changes: Readonly<Record<string, unknown>> = {}): Promise<Response> => {
  const { account, key } = azure
  const options = { endpoint: `${proxy.origin}/${account}`, account, key, share_name: 'documents', ...changes }
  return server.fetch('/api/v1/backends/azurefiles', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(options),
  })
}

interface Seen {
  readonly status: number
  readonly headers: Headers
  /** Absent when the body broke off. */
  readonly body: Buffer | undefined
}

async function read(path: string, init?: RequestInit): Promise<Seen> {
  const join = path.includes('?') ? '&' : '?'
  const response = await server.fetch(`/api/v1/files/${path}${join}backend=${id}`, init)
  const body = await response.arrayBuffer().then(
    (bytes) => Buffer.from(bytes),
    () => undefined,
  )
  return { status: response.status, headers: response.headers, body }
}

/** A view, and whether a body is all of it. */
interface Viewed {
  readonly path: string
  readonly init?: RequestInit
  readonly status?: number
  readonly isWhole: (body: Buffer) => boolean
  /** Whether a body tells by itself what it lacks. */
  readonly saysWhatIsMissing?: (body: Buffer) => boolean
}

const file = 'folder/file.txt'
const linesAre =
  (from: number, to: number) =>
  (body: Buffer): boolean =>
    body.toString().trimEnd() === lines.slice(from, to).join('\n')
const missingEntries = 'filegate-errors.txt'

const views: Readonly<Record<string, Viewed>> = {
  'the file': { path: file, isWhole: (body) => body.equals(content) },
  'a range': {
    path: file,
    init: { headers: { range: 'bytes=1000-500000' } },
    status: 206,
    isWhole: (body) => body.equals(content.subarray(1000, 500_001)),
  },
  'the end': {
    path: file,
    init: { headers: { range: 'bytes=-300000' } },
    status: 206,
    isWhole: (body) => body.equals(content.subarray(-300_000)),
  },
  'several ranges': {
    path: file,
    init: { headers: { range: 'bytes=0-9,100000-400000' } },
    status: 206,
    isWhole: (body) => body.includes(content.subarray(100_000, 400_001)),
  },
  'the digest': { path: `${file}?hash`, isWhole: (body) => body.includes(`"${digest(content)}"`) },
  base64: { path: `${file}?base64`, isWhole: (body) => body.includes(`"${content.toString('base64')}"`) },
  'some lines': { path: `${file}?lines=9000-9500`, isWhole: linesAre(8999, 9500) },
  'the last lines': { path: `${file}?lines=-3000`, isWhole: linesAre(-3001, -1) },
  'what was searched for': {
    path: `folder?grep=${lines[11_000]?.slice(-30)}`,
    isWhole: (body) => body.includes('"total_matches":1,'),
  },
  'an archive': {
    path: 'folder?zip',
    isWhole: (body) => body.includes('file.txt') && !body.includes(missingEntries),
    saysWhatIsMissing: (body) => body.includes(missingEntries),
  },
}

describe.each(Object.entries(views))('on Azure Files, %s', (_name, view) => {
  const { path, init, status = 200, isWhole, saysWhatIsMissing = () => false } = view

  it('arrives whole', async () => {
    const seen = await read(path, init)
    expect([seen.status, seen.body && isWhole(seen.body)]).toEqual([status, true])
  })

  it('arrives whole when every answer is cut once', async () => {
    proxy.add({ after: 200_000 }, { after: 150_000, ending: 'end' }, { status: 503 })
    const seen = await read(path, init)
    expect([seen.status, seen.body && isWhole(seen.body)]).toEqual([status, true])
  })

  it('never looks whole when it is not', async () => {
    for (const faults of [[], [{ after: 0 }], [{ after: 100_000 }], [{ after: 100_000, ending: 'end' as const }]]) {
      proxy.always({ status: 503 })
      proxy.add(...faults)
      const { status: answered, body } = await read(path, init)
      const isHonest = body === undefined || answered === 503 || isWhole(body) || saysWhatIsMissing(body)
      expect(isHonest, `${faults.length} ${answered} ${body?.length}`).toBe(true)
    }
  })
})

const passing: Readonly<Record<string, readonly HttpFault[]>> = {
  'is reset in the middle': [{ after: 300_000 }],
  'is closed in the middle': [{ after: 300_000, ending: 'end' }],
  'is cut after its head': [{ after: 0 }],
  'stops in the middle': [{ after: 300_000, ending: 'hang' }],
  'is slow to begin': [{ delay: 300 }],
  'is cut four times over': Array.from({ length: 4 }, () => ({ after: 90_000 })),
  'is refused with 503 and Retry-After': [{ status: 503, retryAfter: '1' }],
  'is cut, and then refused for a while': [{ after: 10 }, { status: 503 }, { status: 429 }],
}

describe('a file on Azure Files', () => {
  for (const [name, faults] of Object.entries(passing)) {
    it(`arrives with every byte when its answer ${name}`, async () => {
      proxy.add(...faults)
      const { status, body } = await read(file)
      expect([status, body && digest(body)]).toEqual([200, digest(content)])
    })
  }

  it('is visibly broken when it changes before the rest of it arrives', async () => {
    const share = independentClient(azure).getShareClient('documents')
    const before = (): Promise<void> => putFile(share, file, randomBytes(content.length))
    proxy.add({ after: 100_000 }, { before })
    const { status, body } = await read(file)
    await putFile(share, file, content)
    expect([status, body]).toEqual([200, undefined])
  })

  it('lets go of the vendor when the client leaves', async () => {
    proxy.add({ after: 100_000, ending: 'hang' })
    const response = await server.fetch(`/api/v1/files/${file}?backend=${id}`)
    await response.body?.cancel()
    await expect.poll(() => proxy.abandoned).toBe(1)
  })

  it('is not sent again to who has it, nor asked for twice', async () => {
    const first = await read(file)
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"/)
    const again = await read(file, { headers: { 'if-none-match': etag } })
    expect([again.status, again.body?.length]).toEqual([304, 0])
    expect(first.headers.get('content-type')).toContain('text/plain')
  })
})

describe('a folder on Azure Files', () => {
  const list = async (): Promise<unknown> => {
    const { status, body } = await read('many?json', { headers: { 'cache-control': 'no-cache' } })
    if (status !== 200 || !body) return status
    const { paths } = JSON.parse(body.toString()) as { paths: { name: string }[] }
    return paths.map(({ name }) => name)
  }
  beforeEach(() => proxy.only(`GET /${azure.account}/documents/many?`))

  it('is listed whole when its answers are cut, refused or late, and not at all when they always are', async () => {
    proxy.add({ after: 1000 }, { after: 1000, ending: 'end' }, { status: 503 })
    expect(await list()).toEqual(names)
    proxy.add({ delay: 300 }, { after: 500, ending: 'hang' })
    expect(await list()).toEqual(names)
    proxy.always({ after: 1000 })
    expect(await list()).toBe(503)
    proxy.always({ after: 1000, ending: 'hang' })
    expect(await list()).toBe(504)
  })

  it('is never shorter than it is, wherever an answer without a length ends', async () => {
    for (const after of [0, 1, 200, 700, 3000, 8000]) {
      proxy.always({ unsized: true, after, ending: 'end' })
      expect(await list()).toBe(503)
    }
    proxy.always({ unsized: true })
    expect(await list()).toEqual(names)
  })
})

it('an archive on Azure Files shows what is in it', async () => {
  const { status, body } = await read('packed.zip?preview')
  expect([status, body?.toString()]).toEqual([200, expect.stringContaining('inside/a.txt')])
})

describe('connecting a share of Azure Files', () => {
  it.each([
    ['the share', { share_name: 'elsewhere' }, "The share 'elsewhere' does not exist"],
    ['the key', { key: Buffer.from('marker').toString('base64') }, 'did not accept the key'],
    ['the host', { endpoint: 'http://127.0.0.1:1/account' }, 'could not be reached'],
    ['an address that is never asked', { endpoint: 'http://169.254.169.254/account' }, 'never contacted'],
    ['the signature', { sas_url: 'http://127.0.0.1:1/account/documents' }, 'sas_url'],
    ['a missing name', { share_name: '' }, 'share_name'],
  ])('is refused with a 400 that says what is wrong: %s', async (_what, changes, message) => {
    const given = 'sas_url' in changes ? { account: '', key: '', endpoint: '', ...changes } : changes
    const response = await connectTo(given)
    const answer = (await response.json()) as { error: string }
    expect([response.status, answer]).toMatchObject([400, { success: false, error: expect.stringContaining(message) }])
    expect(answer.error).not.toContain(Buffer.from('marker').toString('base64'))
  })
})
