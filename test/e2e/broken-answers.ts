import { randomBytes } from 'node:crypto'
import { beforeEach, expect, it } from 'vitest'
import { type HttpFault, isLate } from '../simulators/http-fault-proxy.ts'
import { content, digest, names, type Seen, seenOf, type ThroughFaults } from './through-faults.ts'

type FaultsByName = Readonly<Record<string, readonly HttpFault[]>>

const passing: FaultsByName = {
  'is reset in the middle': [{ after: 300_000 }],
  'is closed in the middle': [{ after: 300_000, ending: 'end' }],
  'is cut after its head': [{ after: 0 }],
  'stops in the middle': [{ after: 300_000, ending: 'hang' }],
  'is slow to begin': [{ delay: 200 }],
  'is late': [{ delay: 400 }],
  'is cut four times over': Array.from({ length: 4 }, () => ({ after: 90_000 })),
  'is refused with 503 and Retry-After': [{ status: 503, retryAfter: '1' }],
  'is refused with 429 and Retry-After': [{ status: 429, retryAfter: '1' }],
  'is cut, and then refused for a while': [{ after: 10 }, { status: 503 }, { status: 429 }],
}

/** A file, however its answers break for a while; `more` are faults that this vendor alone gets over. */
export function itArrives({ vendor, proxy, ask, read, hurry }: ThroughFaults, more: FaultsByName = {}): void {
  const file = (): string => `${vendor().top}folder/file.txt`

  for (const [name, faults] of Object.entries({ ...passing, ...more })) {
    it(`arrives with every byte when its answer ${name}`, async () => {
      if (faults.some(isLate)) await hurry()
      proxy().add(...faults)
      const { status, body } = await read(file())
      expect([status, body && digest(body)]).toEqual([200, digest(content)])
    })
  }

  it('is visibly broken when it changes before the rest of it arrives', async () => {
    const before = (): Promise<unknown> => vendor().put('folder/file.txt', randomBytes(content.length))
    const begun = Promise.withResolvers<void>()
    proxy().add({ after: 100_000, until: begun.promise }, { before })
    const response = await ask(file())
    begun.resolve()
    const { status, body } = await seenOf(response)
    await vendor().put('folder/file.txt', content)
    expect([status, body]).toEqual([200, undefined])
  })

  it('lets go of the vendor when the client leaves', async () => {
    proxy().add({ after: 100_000, ending: 'hang' })
    const response = await ask(file())
    await response.body?.cancel()
    await expect.poll(() => proxy().abandoned).toBe(1)
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

/** A file whose answers are never whole. */
export function itFailsVisibly({ vendor, proxy, ask, read, hurry }: ThroughFaults): void {
  for (const [name, [fault, status, code]] of Object.entries(failing)) {
    it(`fails with ${status} when its answer always ${name}`, async () => {
      if (isLate(fault)) await hurry()
      proxy().always(fault)
      const seen = await read(`${vendor().top}folder/file.txt`)
      expect([seen.status, JSON.parse(seen.body?.toString() ?? '')]).toEqual([
        status,
        { success: false, error: expect.any(String), code },
      ])
      expect(seen.headers.get('retry-after')).toBe(status === 503 ? (fault.retryAfter ?? '1') : null)
    })

    it(`is visibly broken when the rest of it ${name}`, async () => {
      if (isLate(fault)) await hurry()
      const begun = Promise.withResolvers<void>()
      proxy().add({ after: 100_000, until: begun.promise })
      proxy().always(fault)
      const response = await ask(`${vendor().top}folder/file.txt`)
      begun.resolve()
      const seen = await seenOf(response)
      expect([seen.status, seen.body]).toEqual([200, undefined])
    })
  }
}

/** A folder whose answers break. */
export function itIsListedWhole({ vendor, proxy, read, hurry }: ThroughFaults): void {
  const list = async (): Promise<unknown> => {
    const { status, body } = await read(`${vendor().top}many?json`, { headers: { 'cache-control': 'no-cache' } })
    if (status !== 200 || !body) return status
    const { paths } = JSON.parse(body.toString()) as { paths: { name: string }[] }
    return paths.map(({ name }) => name)
  }
  beforeEach(() => proxy().only(vendor().folderRequest('many')))

  it('is complete when its answers are cut or refused', async () => {
    proxy().add({ after: 1000 }, { after: 1000, ending: 'end' }, { status: 503 })
    expect(await list()).toEqual(names)
  })

  it('is complete when its answers are late, or stop', async () => {
    await hurry()
    proxy().add({ delay: 400 }, { after: 500, ending: 'hang' }, { status: 429 })
    expect(await list()).toEqual(names)
  })

  it('fails when they always are', async () => {
    proxy().always({ after: 1000 })
    expect(await list()).toBe(503)
    proxy().always({ status: 503 })
    expect(await list()).toBe(503)
  })

  it('fails when they never end', async () => {
    await hurry()
    proxy().always({ after: 1000, ending: 'hang' })
    expect(await list()).toBe(504)
  })

  it('is never shorter than it is, wherever an answer without a length ends', async () => {
    for (const after of [0, 1, 200, 700, 3000, 8000]) {
      proxy().always({ unsized: true, after, ending: 'end' })
      expect(await list()).toBe(503)
    }
    for (const after of [0, 1, 200, 3000, 8000]) proxy().add({ unsized: true, after, ending: 'end' }, {})
    proxy().always({ unsized: true })
    for (let count = 0; count < 5; count += 1) expect(await list()).toEqual(names)
  })
}

/** Asks for the folders at the top with answers that break: once where they do for a while, and once where they always do. */
export async function askForTop({ proxy, read }: ThroughFaults, request: string): Promise<readonly Seen[]> {
  proxy().only(request)
  proxy().add({ unsized: true, after: 0, ending: 'end' }, { unsized: true, after: 200, ending: 'end' }, { after: 10 })
  const first = await read('?json')
  proxy().always({ unsized: true, after: 0, ending: 'end' })
  return [first, await read('?json', { headers: { 'cache-control': 'no-cache' } })]
}
