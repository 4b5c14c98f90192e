import type { FileEntry } from '@filegate/core'
import { StorageError } from '@filegate/core'
import { checkAllowed } from './permission.ts'
import { type OwnerIds, parseOwner } from './owner.ts'
import type { Writing } from './writing.ts'

/** What a new file is to have besides its content. */
export interface Attributes {
  /** Permission bits. */
  readonly mode?: number | undefined
  readonly owner?: OwnerIds | undefined
}

/** `chmod` and `owner` of a request that makes something. @throws StorageError when they are malformed or switched off */
export function askedAttributes({ query, parts }: Writing): Attributes {
  const [mode, owner] = [query.text('chmod'), query.text('owner')]
  if (mode !== undefined) checkAllowed(parts.settings, 'chmod')
  if (owner !== undefined) checkAllowed(parts.settings, 'chown')
  return {
    mode: mode === undefined ? undefined : parseMode(mode),
    owner: owner === undefined ? undefined : parseOwner('owner', owner),
  }
}

/** @throws StorageError `InvalidArgument` */
export function parseMode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8)
  const message = `Parameter 'chmod' takes three octal digits such as 644, not ${JSON.stringify(text)}.`
  throw new StorageError('InvalidArgument', message)
}

export async function applyAttributes(
  writing: Writing,
  entry: FileEntry,
  { mode, owner }: Attributes,
): Promise<FileEntry> {
  const { changes, place } = writing
  if (!changes || (mode === undefined && owner === undefined)) return entry
  const { signal } = writing
  const owned = owner === undefined ? entry : await changes.setOwner(place.path, { ...owner, signal })
  const last = mode === undefined ? owned : await changes.setMode(place.path, { mode, signal })
  return last.kind === 'file' ? last : entry
}
