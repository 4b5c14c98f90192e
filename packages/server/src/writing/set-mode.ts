import { StorageError } from '@filegate/core'
import { json } from '../routes/administration.ts'
import { parseMode } from './attributes.ts'
import { checkConditions } from './guard.ts'
import { shownMode } from './put-file.ts'
import type { Operation, Writing } from './writing.ts'

/** PATCH ?chmod=644 sets the permissions of a file or a folder. */
export const setMode: Operation = {
  features: ['chmod'],
  right: 'write',
  run: (writing) => changeMode(writing, writing.query.text('chmod') ?? ''),
}

export async function changeMode(writing: Writing, text: string): Promise<Response> {
  const { place, changes, parts, signal } = writing
  const mode = parseMode(text)
  if (!changes) throw new StorageError('Unsupported', 'There are no permissions there.')
  await checkConditions(writing, await writing.open(place.backend))
  const { posix } = await changes.setMode(place.path, { mode, signal })
  return json(parts.reply, 200, { success: true, path: `/${place.path}`, mode: shownMode(posix?.mode ?? mode) })
}
