import { endings, type JournalEntry } from './entry.ts'

/** Stands in the reason of an entry whose content was to be kept, and could not be written. */
const noRoom = 'its content could not be kept'

export const withoutContent = (reason: string | undefined): string =>
  reason === undefined ? noRoom : `${reason}; ${noRoom}`

/** Why the journal does not have the content that an entry speaks of; of a deletion, what was deleted. */
export function whyNotKept({ op, reason, ...entry }: JournalEntry, mostKept: number): string {
  const isEnd = endings.has(op)
  const [hash, size] = isEnd ? [entry.before, entry.size_before] : [entry.after, entry.size_after]
  if (size !== null && size > mostKept) return 'file exceeded journal size limit'
  if (reason?.endsWith(noRoom)) return 'there was no room for it, or it could not be written'
  if (hash === null) return 'it could not be read before it changed or went'
  return 'it was not kept at the time, or is kept no longer'
}
