import { parsePath, type StoragePath } from '@filegate/core'
import { blank } from './blank.ts'
import type { JournalOperation } from './entry.ts'
import type { Ledger, LineOfEntry } from './ledger.ts'
import type { Relocation } from './observation.ts'
import { emptied, type Place, parentOf } from './place.ts'

/** Numbers that are exact wherever they are read. Where many files take turns at few paths, they grow faster than the histories. */
const greatestNumber = 2 ** 48

/**
 * The life of a file as it goes on where something else, or the file itself, may have been before. Its numbers are moved up so far that
 * they follow those of the path. Undefined where they would get too great: the history of the path tells of the arrival only.
 */
async function lineTo(ledger: Ledger, known: Place, there: Place): Promise<LineOfEntry | undefined> {
  const { line, line_length: length, seq } = known
  if (there.seq === 0) return { line, length, shift: 0, since: null, seq, shows: length }
  const { first, count: shows } = await ledger.newAt(there.path, line)
  const since = first ?? seq + 1
  const shift = Math.max(0, there.seq + 1 - since)
  return seq + shift > greatestNumber ? undefined : { line, length, shift, since, seq, shows }
}

/** One file or folder at its old and its new path. A file takes its line along. */
export async function carry(
  ledger: Ledger,
  place: Place,
  path: StoragePath,
  { at, reason }: Pick<Relocation, 'at' | 'reason'>,
): Promise<Place> {
  const from = parsePath(place.path)
  const isFolder = place.kind === 'directory'
  const shared = { at, reason, source: from, dest: path }
  const same = { before: place.hash, after: place.hash, size_before: place.size, size_after: place.size }
  const op = (file: JournalOperation, folder: JournalOperation): JournalOperation => (isFolder ? folder : file)
  const left = { ...blank({ ...shared, path: from }), ...same, after: null, size_after: null }
  ledger.set(emptied(ledger.enter({ ...left, op: op('moved_from', 'dir_moved_from') }, place)))

  const there = await ledger.place(path)
  const arrival = { ...blank({ ...shared, path }), ...same, before: there.hash, size_before: there.size }
  const line = isFolder ? undefined : await lineTo(ledger, place, there)
  const {
    seq,
    line: newLine,
    line_length,
    revisions,
  } = ledger.enter({ ...arrival, op: op('moved_to', 'dir_moved_to') }, there, line)
  const arrived: Place = {
    ...place,
    path,
    parent: parentOf(path),
    seq,
    line: newLine,
    line_length,
    revisions,
  }
  ledger.set(arrived)
  return arrived
}
