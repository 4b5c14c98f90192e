import { createHash, randomBytes } from 'node:crypto'
import { assemble, type DriverDefinition } from '@filegate/core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type HttpFaultProxy, startHttpFaultProxy } from '../simulators/http-fault-proxy.ts'
import { serve, type Serving } from './serving.ts'

/** Of `folder/file.txt`. */
export const content = Buffer.from(
  Array.from({ length: 12_000 }, (_, line) => `${line} ${randomBytes(20).toString('hex')}\n`).join(''),
)
export const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
/** Of the folder `many`. */
export const names = Array.from({ length: 40 }, (_, number) => `name-${String(number).padStart(2, '0')}.txt`)

/** A vendor whose answers are to break. */
export interface FragileVendor {
  readonly definition: DriverDefinition
  /** Milliseconds until an answer is late, for who is in a hurry. */
  readonly patience: number
  readonly port: number
  /** To connect with, when the vendor is at `origin`. */
  readonly optionsAt: (origin: string) => Readonly<Record<string, unknown>>
  /** Where the paths of this vendor begin in the backend: `bucket/` or nothing. */
  readonly top: string
  /** How requests begin that are for the bytes of a file, and for a folder. */
  readonly fileRequest: (path: string) => string
  readonly folderRequest: (path: string) => string
  readonly put: (path: string, bytes: Uint8Array) => Promise<unknown>
  readonly stop: () => Promise<unknown>
}

export interface Seen {
  readonly status: number
  readonly headers: Headers
  /** Absent when the body broke off. */
  readonly body: Buffer | undefined
}

/** A server that reaches a vendor over a connection with faults. At first those are for the bytes of `folder/file.txt`. */
export interface ThroughFaults {
  readonly vendor: () => FragileVendor
  /** A new one for each test. */
  readonly proxy: () => HttpFaultProxy
  readonly connect: (options: Readonly<Record<string, unknown>>) => Promise<Response>
  /** Asks for a path of the vendor; without its `top`, of the backend. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>
  readonly read: (path: string, init?: RequestInit) => Promise<Seen>
  /**
   * Connects anew, to give up for the rest of the test what is late. For answers that never come: on a busy machine others may be
   * late, too.
   */
  readonly hurry: () => Promise<void>
}

/** Starts the server before the tests of a file, and ends it after them. */
export function serveThroughFaults(start: () => Promise<FragileVendor>): ThroughFaults {
  let vendor: FragileVendor
  let server: Serving
  let proxy: HttpFaultProxy
  let id: string
  let isInHurry: boolean

  beforeAll(async () => {
    vendor = await start()
    await vendor.put('folder/file.txt', content)
    await vendor.put('folder/other.txt', Buffer.from('needle in another file\n'))
    for (const name of names) await vendor.put(`many/${name}`, Buffer.from(name))
    const { definition } = vendor
    server = await serve(
      {},
      {},
      { providers: { [definition.slug]: async () => twiceLayered(vendor, () => isInHurry) } },
    )
  })
  afterAll(async () => {
    await server.stop()
    await vendor.stop()
  })
  beforeEach(async () => {
    proxy = await startHttpFaultProxy(vendor.port)
    await open(false)
    proxy.only(vendor.fileRequest('folder/file.txt'))
  })
  afterEach(() => proxy.close())

  async function open(hurried: boolean): Promise<void> {
    isInHurry = hurried
    const { data } = (await (await connect(vendor.optionsAt(proxy.origin))).json()) as { data: { id: string } }
    id = data.id
  }
  const connect: ThroughFaults['connect'] = (options) =>
    server.fetch(`/api/v1/backends/${vendor.definition.slug}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(options),
    })
  const ask: ThroughFaults['ask'] = (path, init) =>
    server.fetch(`/api/v1/files/${path}${path.includes('?') ? '&' : '?'}backend=${id}`, init)
  const read: ThroughFaults['read'] = async (path, init) => {
    const response = await ask(path, init)
    const body = await response.arrayBuffer().then(
      (bytes) => Buffer.from(bytes),
      () => undefined,
    )
    return { status: response.status, headers: response.headers, body }
  }
  return { vendor: () => vendor, proxy: () => proxy, connect, ask, read, hurry: () => open(true) }
}

/** The driver with the layers that it has anyway, once more inside of them, with short pauses. */
function twiceLayered({ definition, patience }: FragileVendor, isInHurry: () => boolean): DriverDefinition {
  return {
    ...definition,
    connect: async (options, context) =>
      assemble(await definition.connect(options, context), {
        classify: definition.classify,
        limits: isInHurry() ? { quick: patience, idle: patience } : {},
        retries: { firstDelay: 5, longestDelay: 20 },
      }),
  }
}
