import { parseRetryAfter } from '@filegate/core'

/** A member of what was thrown, which can be anything. */
export const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

export function textIn(value: unknown, name: string): string {
  const text = member(value, name)
  return typeof text === 'string' ? text : ''
}

export function statusOf(error: unknown): number | undefined {
  const status = member(error, 'status')
  return typeof status === 'number' ? status : undefined
}

/** Seconds. */
export function retryAfterOf(error: unknown): number | undefined {
  const headers = member(error, 'headers')
  const text = headers instanceof Headers ? headers.get('retry-after') : member(headers, 'retry-after')
  return typeof text === 'string' ? parseRetryAfter(text) : undefined
}
