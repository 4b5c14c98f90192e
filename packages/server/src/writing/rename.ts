import { canonicalPath, joinPath, parentPath, root, StorageError } from '@filegate/core'
import { readJsonObject } from '../http/json-body.ts'
import { parseDestination } from './destination.ts'
import { checkRight } from './permission.ts'
import { transfer } from './transfer.ts'
import { type Operation, type Place, served, type Writing } from './writing.ts'

/** Bytes: a path may be long, and nothing else is said. */
const mostJson = 16 * 1024

/** PATCH with `{ "name": ... }` gives an entry another name in its folder, with `{ "move_to": ... }` another place. */
export const rename: Operation = {
  features: ['upload', 'delete'],
  right: 'write-all',
  async run(writing) {
    return renameTo(writing, await readWanted(writing))
  },
}

/**
 * What the body of a PATCH asks for. A body that is not JSON asks for nothing that is known, as one without a member does.
 * @throws StorageError `InvalidArgument`, `TooLarge`
 */
export function readWanted({ incoming }: Writing): Promise<Readonly<Record<string, unknown>>> {
  if (/^application\/json *(;|$)/i.test(incoming.header('content-type')?.trim() ?? '')) {
    return readJsonObject(incoming, mostJson)
  }
  const message = "PATCH takes a parameter, or a body that is JSON, sent with 'Content-Type: application/json'."
  throw new StorageError('InvalidArgument', message)
}

/** Whoever asks has the right to all that is renamed. */
export function renameTo(writing: Writing, wanted: Readonly<Record<string, unknown>>): Promise<Response> {
  const to = destinationOf(writing, wanted)
  checkRight(to, 'write-all')
  return transfer(writing, 'move', to)
}

function destinationOf(
  writing: Writing,
  { name, move_to: moveTo, ...others }: Readonly<Record<string, unknown>>,
): Place {
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw refuse(`does not know the member ${JSON.stringify(unknown)}`)
  if ((name === undefined) === (moveTo === undefined)) throw refuse("takes exactly one of 'name' and 'move_to'")
  if (typeof moveTo === 'string') return parseDestination(writing, 'move_to', moveTo)
  if (typeof name !== 'string') throw refuse('takes text')
  const { place } = writing
  if (place.path === root) throw new StorageError('InvalidArgument', 'The root cannot be renamed.')
  const path = joinPath(parentPath(place.path), name)
  return writing.placeAt(place.backend, place.backend === served ? path : canonicalPath(path), false)
}

const refuse = (why: string): StorageError =>
  new StorageError(
    'InvalidArgument',
    `The body ${why}, as in { "name": "new.txt" } or { "move_to": "/new/place.txt" }.`,
  )
