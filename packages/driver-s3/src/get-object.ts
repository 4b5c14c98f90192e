import type { ByteRange } from '@filegate/core'
import type { Readable } from 'node:stream'
import type { ObjectAnswer } from './adapt.ts'
import type { PushedConditions } from './conditions.ts'
import { type Connection, customerKeyInput, until } from './connection.ts'
import type { Target } from './locate.ts'
import { streamOf } from './node-body.ts'

/** One read, with everything settled that can be before the bytes are asked for. */
export interface Reading {
  readonly key: string
  readonly target: Target
  readonly conditions: PushedConditions
  readonly range?: ByteRange | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Got {
  readonly answer: ObjectAnswer
  readonly stream: Readable
}

/** `bytes=...` of RFC 9110, section 14.1.2. */
export function rangeHeader(range: ByteRange): string {
  if ('suffix' in range) return `bytes=-${range.suffix}`
  return `bytes=${range.start}-${range.end === undefined ? '' : range.end - 1}`
}

export async function getObject({ vendor, settings }: Connection, reading: Reading): Promise<Got> {
  const { target, range, conditions, signal } = reading
  const { Body, ...answer } = await vendor.s3.getObject(
    {
      Bucket: target.bucket,
      Key: target.key,
      ...(target.version !== undefined && { VersionId: target.version }),
      ...(range && { Range: rangeHeader(range) }),
      ...conditions,
      ...customerKeyInput(settings),
    },
    until(signal),
  )
  return { answer, stream: streamOf(Body) }
}
