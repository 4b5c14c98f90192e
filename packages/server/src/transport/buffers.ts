/** Big enough that system calls stop mattering, small enough that a thousand slow clients do not fill the memory. */
export const bufferSize = 256 * 1024
const mostKept = 32

const free: Buffer[] = []

/** A buffer for one read and one write. Whoever takes it gives it back, once nobody reads from it any more. */
export function takeBuffer(): Buffer {
  return free.pop() ?? Buffer.allocUnsafeSlow(bufferSize)
}

export function giveBack(buffer: Buffer): void {
  if (free.length < mostKept) free.push(buffer)
}
