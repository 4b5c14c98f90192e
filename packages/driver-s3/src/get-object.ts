import type { ByteRange } from '@filegate/core'
import type { PushedConditions } from './conditions.ts'
import { type Connection, customerKeyInput } from './connection.ts'
import type { Target } from './locate.ts'
import type { Got } from './prepared-get.ts'

/** One read, with everything settled that can be before the bytes are asked for. */
export interface Reading {
  readonly key: string
  readonly target: Target
  readonly conditions: PushedConditions
  readonly range?: ByteRange | undefined
  readonly signal?: AbortSignal | undefined
}

/** `bytes=...` of RFC 9110, section 14.1.2. */
export function rangeHeader(range: ByteRange): string {
  if ('suffix' in range) return `bytes=-${range.suffix}`
  return `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}`
}

export async function getObject({ vendor, settings }: Connection, reading: Reading): Promise<Got> {
  const { target, range, conditions, signal } = reading
  const input = {
    Bucket: target.bucket,
    Key: target.key,
    ...(target.version !== undefined && { VersionId: target.version }),
    ...(range && { Range: rangeHeader(range) }),
    ...conditions,
    ...customerKeyInput(settings),
  }
  return vendor.getObject(input, signal)
}
