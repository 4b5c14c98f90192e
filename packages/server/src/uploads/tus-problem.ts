import type { ErrorCode, StorageError } from '@filegate/core'
import { problem } from '../http/problem.ts'

/** What the protocol has a status of its own for. */
const statuses = {
  CHECKSUM_MISMATCH: [460, 'InvalidArgument'],
  UPLOAD_BUSY: [423, 'Conflict'],
  UPLOAD_EXPIRED: [410, 'NotFound'],
  UPLOAD_FINAL: [403, 'AccessDenied'],
  UPLOAD_NOT_FOUND: [404, 'NotFound'],
  OFFSET_MISMATCH: [409, 'Conflict'],
  PAYLOAD_TOO_LARGE: [413, 'TooLarge'],
  TOO_MANY_UPLOADS: [429, 'Throttled'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'InvalidArgument'],
} as const satisfies Record<string, readonly [number, ErrorCode]>

export type TusProblem = keyof typeof statuses

export function tusProblem(code: TusProblem, message: string): StorageError {
  const [status, kind] = statuses[code]
  return problem(kind, { status, code }, message)
}

export const tooLarge = (most: number): StorageError =>
  tusProblem('PAYLOAD_TOO_LARGE', `An upload must not exceed ${most} bytes (--max-body-size).`)
