import { around, chunksOf, pulledBody, type StorageDriver, StorageError } from '@filegate/core'
import type { Control, Fault, SeenRequest } from '../harness.ts'

export interface Faulty {
  readonly driver: StorageDriver
  readonly control: Control
}

/**
 * The vendor's side in miniature: a driver that fails when told to. Errors are such as vendor libraries throw when `raw`,
 * else StorageErrors.
 */
export function faulty(inner: StorageDriver, { raw }: { readonly raw: boolean }): Faulty {
  let pending: { readonly fault: Fault; times: number } | undefined
  let seen: SeenRequest[] = []
  const open = new Set<object>()

  function takeFault(...kinds: readonly Fault['kind'][]): Fault | undefined {
    if (!pending || pending.times <= 0 || !kinds.includes(pending.fault.kind)) return undefined
    pending.times--
    return pending.fault
  }

  const driver = around(inner, async (_call, proceed) => {
    const fault = takeFault('throttled', 'unavailable')
    if (fault) seen.push({})
    if (fault) throw errorOf(fault, raw)
    return proceed()
  })

  const read: StorageDriver['read'] = async (path, options) => {
    const result = await driver.read(path, options)
    seen.push({ offset: result.range?.start ?? 0 })
    const fault = takeFault('broken-body')
    let left = fault?.kind === 'broken-body' ? fault.after : Number.POSITIVE_INFINITY
    const chunks = chunksOf(result.body)
    const identity = {}
    open.add(identity)
    options?.signal?.addEventListener('abort', () => open.delete(identity), { once: true })
    const body = pulledBody({
      async next() {
        try {
          if (left <= 0) throw errorOf({ kind: 'broken-body', after: 0 }, raw)
          const chunk = await chunks.next()
          if (!chunk) open.delete(identity)
          const given = chunk?.subarray(0, left)
          left -= given?.length ?? 0
          return given
        } catch (error) {
          open.delete(identity)
          throw error
        }
      },
      async cancel(reason) {
        open.delete(identity)
        await chunks.cancel(reason)
      },
    })
    return { ...result, body }
  }

  const control: Control = {
    faults: ['throttled', 'unavailable', 'broken-body'],
    open: () => open.size,
    fail: (fault, times) => {
      pending = { fault, times }
    },
    requests: () => {
      const before = seen
      seen = []
      return before
    },
  }
  return { driver: { ...driver, read }, control }
}

function errorOf(fault: Fault, raw: boolean): Error {
  const throttled = fault.kind === 'throttled'
  if (!raw) return new StorageError(throttled ? 'Throttled' : 'Unavailable', 'As told.', throttled ? fault : {})
  if (throttled) return answer(429, fault.retryAfter)
  if (fault.kind !== 'broken-body') return answer(503)
  return new TypeError('terminated', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })
}

/** As fetch wrappers throw it. */
function answer(status: number, retryAfter?: number): Error {
  const headers = new Headers(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) })
  return Object.assign(new Error(`HTTP ${status}`), { status, headers })
}
