import { createHash, randomBytes } from 'node:crypto'
import { assemble } from '@filegate/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { azureblob } from '../../packages/driver-azure/src/index.ts'
import { account, type Azurite, key, startAzurite } from '../../packages/driver-azure/src/testing/azurite.ts'
import { independentClient } from '../../packages/driver-azure/src/testing/blob-harness.ts'
import { type HttpFault, type HttpFaultProxy, startHttpFaultProxy } from '../simulators/http-fault-proxy.ts'
import { serve, type Serving } from './serving.ts'
import { zipOf } from './stored-zip.ts'

const content = Buffer.from(
  Array.from({ length: 12_000 }, (_, line) => `${line} ${randomBytes(20).toString('hex')}\n`).join(''),
)
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const file = 'bucket/folder/file.txt'

let emulator: Azurite
let server: Serving
let proxy: HttpFaultProxy
let id: string
const put = async (name: string, bytes: Uint8Array): Promise<unknown> =>
  independentClient(emulator.url).getContainerClient('bucket').getBlockBlobClient(name).uploadData(bytes)
const connect = (options: Readonly<Record<string, unknown>>): Promise<Response> =>
  server.fetch('/api/v1/backends/azureblob', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(options),
  })

beforeAll(async () => {
  emulator = await startAzurite()
  await independentClient(emulator.url).createContainer('bucket')
  await put('folder/file.txt', content)
  await put('folder/other.txt', Buffer.from('needle in another file\n'))
  await put('packed.zip', zipOf({ 'inside/a.txt': 'packed' }))
  // The driver with the layers that it has anyway, once more inside of them, in a hurry.
  const inHurry: typeof azureblob.connect = async (options, context) =>
    assemble(await azureblob.connect(options, context), {
      classify: azureblob.classify,
      limits: { quick: 250, idle: 250 },
      retries: { firstDelay: 5, longestDelay: 20 },
    })
  server = await serve({}, {}, { providers: { azureblob: async () => ({ ...azureblob, connect: inHurry }) } })
})
afterAll(async () => {
  await server.stop()
  await emulator.stop()
})

beforeEach(async () => {
  proxy = await startHttpFaultProxy(emulator.port)
  const response = await connect({ account, key, endpoint: `${proxy.origin}/${account}` })
  const { data } = (await response.json()) as { data: { id: string } }
  id = data.id
  proxy.only(`GET /${account}/bucket/folder/file.txt`)
})
afterEach(() => proxy.close())

interface Seen {
  readonly status: number
  readonly headers: Headers
  /** Absent when the body broke off. */
  readonly body: Buffer | undefined
}

async function read(path: string, init?: RequestInit): Promise<Seen> {
  const join = path.includes('?') ? '&' : '?'
  const response = await server.fetch(`/api/v1/files/${path}${join}backend=${id}`, init)
  const { status, headers } = response
  const body = await response.arrayBuffer().then(
    (bytes) => Buffer.from(bytes),
    () => undefined,
  )
  return { status, headers, body }
}

/** A view of the file, and whether a body is all of it. */
interface Viewed {
  readonly path: string
  readonly init?: RequestInit
  readonly status?: number
  readonly isWhole: (body: Buffer) => boolean
  /** Whether a body tells by itself what it lacks. */
  readonly saysWhatIsMissing?: (body: Buffer) => boolean
}

const lines = content.toString().split('\n')
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
    path: `bucket/folder?grep=${lines[11_000]?.slice(-30)}`,
    isWhole: (body) => body.includes('"total_matches":1,'),
  },
  'an archive': {
    path: 'bucket/folder?zip',
    isWhole: (body) => body.includes('file.txt') && !body.includes(missingEntries),
    saysWhatIsMissing: (body) => body.includes(missingEntries),
  },
}

const passing: Readonly<Record<string, readonly HttpFault[]>> = {
  'is reset in the middle': [{ after: 300_000 }],
  'is closed in the middle': [{ after: 300_000, ending: 'end' }],
  'is cut after its head': [{ after: 0 }],
  'stops in the middle': [{ after: 300_000, ending: 'hang' }],
  'is slow to begin': [{ delay: 200 }],
  'is cut four times over': Array.from({ length: 4 }, () => ({ after: 90_000 })),
  'is refused with 503 and Retry-After': [{ status: 503, retryAfter: '1' }],
  'is refused with 429 and Retry-After': [{ status: 429, retryAfter: '1' }],
  'is cut, and then refused for a while': [{ after: 10 }, { status: 503 }, { status: 429 }],
}

it.each([
  [{ account, key: 'd3Jvbmc=' }, 'The key is not one of the account'],
  [{ account: 'other', key }, "There is no storage account 'other'"],
  [{ account: 'No Account', key }, 'account: must be'],
  [{ sas_url: 'https://acc.blob.core.windows.net/?sv=1' }, 'sas_url: has no signature'],
  [{ account, use_msi: true }, '--credentials-dir'],
])('a connection with %j is a 400 that says what is wrong', async (options, said) => {
  const isReachable = 'key' in options && !options.account.includes(' ')
  const endpoint = isReachable ? `http://127.0.0.1:${emulator.port}/${options.account}` : ''
  const response = await connect({ ...options, endpoint })
  const { error } = (await response.json()) as { error: string }
  expect([response.status, error]).toEqual([400, expect.stringContaining(said)])
  expect(error).not.toContain('d3Jvbmc')
})

it('a missing container is a 404, what is in a zip there is shown', async () => {
  expect((await read('nothing-here/a.txt')).status).toBe(404)
  expect((await read('packed.zip?preview')).status).toBe(404)
  const { status, body } = await read('bucket/packed.zip?preview')
  expect([status, body?.toString()]).toEqual([200, expect.stringContaining('inside/a.txt')])
  expect((await read('bucket?simple')).body?.toString()).toContain('packed.zip')
})

describe('a blob over a connection with faults', () => {
  for (const [name, faults] of Object.entries(passing)) {
    it(`arrives with every byte when its answer ${name}`, async () => {
      proxy.add(...faults)
      const { status, body } = await read(file)
      expect(status).toBe(200)
      expect(body && digest(body)).toBe(digest(content))
    })
  }

  const failing: Readonly<Record<string, readonly [fault: HttpFault, status: number, code: string]>> = {
    'is refused with 503': [{ status: 503 }, 503, 'UNAVAILABLE'],
    'is refused with 429': [{ status: 429 }, 503, 'BACKEND_THROTTLED'],
    'is refused with 500': [{ status: 500 }, 503, 'UNAVAILABLE'],
    'is to come back in an hour': [{ status: 503, retryAfter: '3600' }, 503, 'UNAVAILABLE'],
    'does not begin': [{ delay: 10_000 }, 504, 'TIMED_OUT'],
    'is cut after its head': [{ after: 0 }, 503, 'UNAVAILABLE'],
    'hangs after its head': [{ after: 0, ending: 'hang' }, 504, 'TIMED_OUT'],
  }
  for (const [name, [fault, status, code]] of Object.entries(failing)) {
    it(`fails with ${status} when its answer always ${name}`, async () => {
      proxy.always(fault)
      const seen = await read(file)
      expect([seen.status, JSON.parse(seen.body?.toString() ?? '')]).toEqual([
        status,
        { success: false, error: expect.any(String), code },
      ])
      expect(seen.headers.get('retry-after')).toBe(status === 503 ? (fault.retryAfter ?? '1') : null)
    })

    it(`is visibly broken when the rest of it ${name}`, async () => {
      proxy.add({ after: 100_000 })
      proxy.always(fault)
      const { status, body } = await read(file)
      expect([status, body]).toEqual([200, undefined])
    })
  }

  it('is visibly broken when it changes before the rest of it arrives', async () => {
    const before = async (): Promise<unknown> => put('folder/file.txt', randomBytes(content.length))
    proxy.add({ after: 100_000 }, { before })
    const { status, body } = await read(file)
    await put('folder/file.txt', content)
    expect([status, body]).toEqual([200, undefined])
  })

  it('lets go of the vendor when the client leaves', async () => {
    proxy.add({ after: 100_000, ending: 'hang' })
    const response = await server.fetch(`/api/v1/files/${file}?backend=${id}`)
    await response.body?.cancel()
    await expect.poll(() => proxy.abandoned).toBe(1)
  })
})

describe('a listing of blobs', () => {
  const names = Array.from({ length: 40 }, (_, number) => `name-${String(number).padStart(2, '0')}.txt`)
  const list = async (): Promise<unknown> => {
    const { status, body } = await read('bucket/many?json', { headers: { 'cache-control': 'no-cache' } })
    if (status !== 200 || !body) return status
    const { paths } = JSON.parse(body.toString()) as { paths: { name: string }[] }
    return paths.map(({ name }) => name)
  }
  beforeAll(async () => {
    for (const name of names) await put(`many/${name}`, Buffer.from(name))
  })
  beforeEach(() => proxy.only(`GET /${account}/bucket?`))

  it('is complete when its answers are cut, refused or late', async () => {
    proxy.add({ after: 1000 }, { after: 1000, ending: 'end' }, { status: 503 })
    expect(await list()).toEqual(names)
    proxy.add({ delay: 200 }, { after: 500, ending: 'hang' }, { status: 429 })
    expect(await list()).toEqual(names)
  })

  it('fails when they always are', async () => {
    proxy.always({ after: 1000 })
    expect(await list()).toBe(503)
    proxy.always({ status: 503 })
    expect(await list()).toBe(503)
    proxy.always({ after: 1000, ending: 'hang' })
    expect(await list()).toBe(504)
  })

  it('is never shorter than the folder, wherever an answer without a length ends', async () => {
    for (const after of [0, 1, 200, 700, 3000, 8000]) {
      proxy.always({ unsized: true, after, ending: 'end' })
      expect(await list()).toBe(503)
    }
    for (const after of [0, 1, 200, 3000, 8000]) proxy.add({ unsized: true, after, ending: 'end' }, {})
    proxy.always({ unsized: true })
    for (let count = 0; count < 5; count += 1) expect(await list()).toEqual(names)
  })

  it('names every container, or fails', async () => {
    proxy.only(`GET /${account}/?comp=list`)
    proxy.add({ unsized: true, after: 0, ending: 'end' }, { unsized: true, after: 200, ending: 'end' }, { after: 10 })
    expect((await read('?json')).body?.toString()).toContain('"bucket"')
    proxy.always({ unsized: true, after: 0, ending: 'end' })
    expect((await read('?json', { headers: { 'cache-control': 'no-cache' } })).status).toBe(503)
  })
})

describe.each(Object.entries(views))('over a connection with faults, %s', (_name, view) => {
  const { path, init, status = 200, isWhole, saysWhatIsMissing = () => false } = view

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
