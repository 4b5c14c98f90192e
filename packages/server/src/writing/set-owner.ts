import { StorageError } from '@filegate/core'
import { createAccountNames } from '../listing/account-names.ts'
import { json } from '../routes/administration.ts'
import { checkConditions } from './guard.ts'
import { parseOwner } from './owner.ts'
import type { Operation, Writing } from './writing.ts'

const names = createAccountNames()

/** PATCH ?chown=user:group gives a file or a folder to somebody else. */
export const setOwner: Operation = {
  features: ['chown'],
  right: 'write',
  run: (writing) => changeOwner(writing, writing.query.text('chown') ?? ''),
}

export async function changeOwner(writing: Writing, text: string): Promise<Response> {
  const { place, changes, parts, signal } = writing
  const owner = parseOwner('chown', text)
  if (!changes) throw new StorageError('Unsupported', 'There are no owners there.')
  await checkConditions(writing, await writing.open(place.backend))
  const { posix } = await changes.setOwner(place.path, { ...owner, signal })
  const known = posix && { owner: names.user(posix.uid), group: names.group(posix.gid) }
  return json(parts.reply, 200, { success: true, path: `/${place.path}`, ...known })
}
