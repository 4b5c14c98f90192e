import { createHash, randomBytes } from 'node:crypto'
import { assemble, type DriverDefinition } from '@filegate/core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type Clock, systemClock } from '../../packages/core/src/layers/clock.ts'
import { timed } from '../../packages/core/src/layers/timed.ts'
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
  /** Connects anew, to give up for the rest of the test what the proxy keeps back, and nothing else, however busy the machine is. */
  readonly hurry: () => Promise<void>
}

export async function seenOf(response: Response): Promise<Seen> {
  const body = await response.arrayBuffer().then(
    (bytes) => Buffer.from(bytes),
    () => undefined,
  )
  return { status: response.status, headers: response.headers, body }
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
      { providers: { [definition.slug]: async () => twiceLayered(vendor, () => isInHurry, whileLate) } },
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

  /** Its time passes as usual, but is over only while an answer is late. */
  const whileLate: Clock = {
    now: () => systemClock.now(),
    async sleep(milliseconds, signal) {
      await systemClock.sleep(milliseconds, signal)
      while (proxy.late === 0) await systemClock.sleep(10, signal)
    },
  }

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
  const read: ThroughFaults['read'] = async (path, init) => seenOf(await ask(path, init))
  return { vendor: () => vendor, proxy: () => proxy, connect, ask, read, hurry: () => open(true) }
}

/** The driver with the layers that it has anyway, once more inside of them, with short pauses. */
function twiceLayered(
  { definition, patience }: FragileVendor,
  isInHurry: () => boolean,
  clock: Clock,
): DriverDefinition {
  const impatient = timed({ quick: patience, idle: patience }, clock)
  const { classify } = definition
  return {
    ...definition,
    connect: async (options, context) => {
      const driver = await definition.connect(options, context)
      const retries = { firstDelay: 5, longestDelay: 20 }
      return assemble(isInHurry() ? impatient(driver) : driver, { classify, retries })
    },
  }
}
