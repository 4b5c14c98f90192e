import { randomBytes } from 'node:crypto'

/** The folder in the root of what is served that holds what was deleted, where a server keeps that. */
export const trashName = '.filegate-trash'

const form = /^\.filegate-(?:[0-9a-f]{16}\.part|trash)$/
const anywhere = /(?:^|\/)\.filegate-(?:[0-9a-f]{16}\.part|trash)(?:\/|$)/
const trashPrefix = `${trashName}/`

/** Random numbers cost less when they are taken by the hundred. */
let pool = Buffer.alloc(0)

/** A name for what is not complete yet. Nobody is shown it, and nobody else can guess it. */
export function temporaryName(): string {
  if (pool.length === 0) pool = randomBytes(8 * 256)
  const number = pool.toString('hex', 0, 8)
  pool = pool.subarray(8)
  return `.filegate-${number}.part`
}

/** Whether an entry of this name is not complete yet, or was deleted: listings, searches and reads pass it over. */
export const isTemporaryName = (name: string): boolean => name.startsWith('.filegate-') && form.test(name)

/** Whether a path leads to what is in the trash of the root. */
export const isInTrash = (path: string): boolean => path.startsWith(trashPrefix)

/** As `holdsTemporaryName`, for whoever keeps the trash. */
export const holdsTemporaryNameBesidesTrash = (path: string): boolean =>
  path !== trashName && holdsTemporaryName(isInTrash(path) ? path.slice(trashPrefix.length) : path)

/** Whether a path leads to something that nobody is shown, or into it. */
export const holdsTemporaryName = (path: string): boolean => path.includes('.filegate-') && anywhere.test(path)
