import { StorageError } from '@filegate/core'
import { checkAllowed, checkRight } from './permission.ts'
import { readWanted, renameTo } from './rename.ts'
import { changeMode } from './set-mode.ts'
import { changeOwner } from './set-owner.ts'
import type { Operation } from './writing.ts'

/** PATCH with JSON renames, or sets permissions or the owner. What it needs is known when the body is: it is small. */
export const patchJson: Operation = {
  features: [],
  right: 'write',
  follows: false,
  holdsWhole: true,
  async run(writing) {
    const { parts, place } = writing
    const { chmod, chown, ...others } = await readWanted(writing)
    if (chmod === undefined && chown === undefined) {
      for (const feature of ['upload', 'delete'] as const) checkAllowed(parts.settings, feature)
      checkRight(place, 'write-all')
      return renameTo(writing, others)
    }
    const [more] = Object.keys(others)
    if (more !== undefined || (chmod !== undefined && chown !== undefined)) throw onlyOne()
    const feature = chmod === undefined ? 'chown' : 'chmod'
    checkAllowed(parts.settings, feature)
    const value = chmod ?? chown
    if (typeof value !== 'string') throw onlyOne()
    return feature === 'chmod' ? changeMode(writing, value) : changeOwner(writing, value)
  },
}

const onlyOne = (): StorageError =>
  new StorageError(
    'InvalidArgument',
    'The body takes exactly one of { "name": "new.txt" }, { "move_to": "/place.txt" }, { "chmod": "644" } and { "chown": "user" }.',
  )
