import type { ByteRange } from './contract.ts'
import { StorageError } from './error.ts'

/**
 * The bytes that `range` means in a file of `size` bytes, clamped; `end` exclusive.
 * @throws StorageError `RangeNotSatisfiable` when it holds none of them.
 */
export function resolveRange(range: ByteRange, size: number): { start: number; end: number } {
  const { start, end } =
    'suffix' in range
      ? { start: Math.max(0, size - range.suffix), end: size }
      : { start: range.start, end: Math.min(range.end ?? size, size) }
  if (start >= end)
    throw new StorageError('RangeNotSatisfiable', `The range lies outside the ${size} bytes of the file.`)
  return { start, end }
}
