import { parsePath } from '@filegate/core'
import { blank } from './blank.ts'
import type { JournalOperation, NewEntry, Owner } from './entry.ts'
import type { Observation } from './observation.ts'
import type { Found, Place } from './place.ts'

/**
 * What has to be entered for a path at which something stands, and stood something of the same kind before, or nothing.
 * Several things may have happened to it at once.
 */
export function differences(known: Place, seen: Observation, found: Found): readonly NewEntry[] {
  if (known.kind === 'gone') return [{ ...blank(seen), ...content(known, found), op: arrival(seen, found), now: found }]
  const changes: NewEntry[] = []
  if (differsInContent(known, found)) {
    const op = seen.op === 'append' || seen.op === 'copied_to' ? seen.op : 'write'
    changes.push({ ...blank(seen), ...content(known, found), op })
  }
  if (known.mode !== null && known.mode !== found.mode) changes.push(ownership(known, seen, found, 'chmod'))
  if (known.uid !== null && (known.uid !== found.uid || known.gid !== found.gid)) {
    changes.push(ownership(known, seen, found, 'chown'))
  }
  const isTouched = known.kind === 'file' && known.modified !== found.modified
  if (changes.length === 0 && (isTouched || seen.op === 'touch') && found.kind === 'file') {
    changes.push({ ...blank(seen), ...content(known, found), op: 'touch' })
  }
  return changes
}

const ownerOf = ({ mode, uid, gid }: Owner): Owner => ({ mode, uid, gid })

/** The entry of something that is gone. */
export const departure = (known: Place, seen: Observation): NewEntry => ({
  ...blank(seen),
  path: parsePath(known.path),
  op: known.kind === 'directory' ? 'dir_deleted' : 'delete',
  before: known.hash,
  size_before: known.size,
  old: known.mode === null ? null : ownerOf(known),
  modified: known.modified,
})

/** Whether the bytes are others. While a digest is not known, size and time have to tell. */
export function differsInContent(known: Place, found: Found): boolean {
  if (found.kind === 'directory') return false
  if (known.size !== found.size) return true
  if (known.hash !== null && found.hash !== null) return known.hash !== found.hash
  return known.modified !== found.modified || known.inode !== found.inode
}

function arrival({ op }: Observation, { kind }: Found): JournalOperation {
  if (kind === 'directory') return op === 'dir_copied_to' ? op : 'mkdir'
  return op === 'copied_to' ? op : 'create'
}

function content(known: Place, found: Found): Pick<NewEntry, 'before' | 'after' | 'size_before' | 'size_after'> {
  return { before: known.hash, after: found.hash, size_before: known.size, size_after: found.size }
}

function ownership(known: Place, seen: Observation, found: Found, op: 'chmod' | 'chown'): NewEntry {
  const same = { before: found.hash, after: found.hash, size_before: found.size, size_after: found.size }
  return { ...blank(seen), ...same, op, old: ownerOf(known), now: ownerOf(found) }
}
