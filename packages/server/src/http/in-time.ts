import { problem } from './problem.ts'

/**
 * What comes of a body, if it comes in time. Permanent, so that no layer takes it for a failure of a vendor that may be tried
 * again.
 * @param patience milliseconds
 * @throws StorageError with status 408
 */
export async function inTime<Value>(coming: Promise<Value>, patience: number): Promise<Value> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const message = `The body did not come: nothing was heard for ${patience / 1000} s.`
    late.reject(problem('TimedOut', { status: 408, code: 'REQUEST_TIMEOUT' }, message, { fate: 'permanent' }))
  }, patience)
  try {
    return await Promise.race([coming, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
