import { randomBytes } from 'node:crypto'

const form = /^\.filegate-[0-9a-f]{16}\.part$/
const anywhere = /(?:^|\/)\.filegate-[0-9a-f]{16}\.part(?:\/|$)/

/** Random numbers cost less when they are taken by the hundred. */
let pool = Buffer.alloc(0)

/** A name for what is not complete yet. Nobody is shown it, and nobody else can guess it. */
export function temporaryName(): string {
  if (pool.length === 0) pool = randomBytes(8 * 256)
  const number = pool.toString('hex', 0, 8)
  pool = pool.subarray(8)
  return `.filegate-${number}.part`
}

/** Whether an entry of this name is one that is not complete yet: listings, searches and reads pass it over. */
export const isTemporaryName = (name: string): boolean => name.startsWith('.filegate-') && form.test(name)

/** Whether a path leads to something incomplete, or into it. */
export const holdsTemporaryName = (path: string): boolean => path.includes('.filegate-') && anywhere.test(path)
