import { parsePath, type StoragePath } from '@filegate/core'
import { carry } from './carry.ts'
import { blank } from './blank.ts'
import { departure, differences } from './differences.ts'
import { enterPart, settle, settleAll } from './enter-remainder.ts'
import type { NewEntry } from './entry.ts'
import type { Ledger } from './ledger.ts'
import type { Change, Gap, LateDigest, Observation, Relocation } from './observation.ts'
import { emptied, type Found, type Place, parentOf } from './place.ts'

/** What stands at the path of a folder that somebody made on the way; undefined when it is gone again. */
export type DescribeFolder = (path: StoragePath) => Found | undefined

/** Enters changes in the order in which they happened. */
export async function enterAll(
  ledger: Ledger,
  changes: readonly Change[],
  describeFolder: DescribeFolder,
): Promise<void> {
  await ledger.load(changes.flatMap(pathsOf))
  for (const change of changes) {
    for (const path of aboutOf(change)) await settle(ledger, path)
    if ('gap' in change) enterGap(ledger, change)
    else if ('digested' in change) await enterDigest(ledger, change)
    else if ('from' in change) await relocate({ ledger, describeFolder }, change)
    else await observe({ ledger, describeFolder }, change)
  }
  await ledger.flush()
}

interface EnterParts {
  readonly ledger: Ledger
  readonly describeFolder: DescribeFolder
}

function pathsOf(change: Change): string[] {
  if ('gap' in change) return []
  if ('digested' in change) return [change.digested]
  return 'from' in change ? [change.from, change.to] : [change.path, parentOf(change.path)]
}

/** What a change is about. */
function aboutOf(change: Change): StoragePath[] {
  if ('gap' in change) return []
  if ('digested' in change) return [change.digested]
  return 'from' in change ? [change.from, change.to] : [change.path]
}

function enterGap(ledger: Ledger, { gap, at, reason }: Gap): void {
  ledger.note({ ...blank({ path: gap, at, reason }), op: 'gap' })
}

async function enterDigest(ledger: Ledger, { digested, etag, hash }: LateDigest): Promise<void> {
  const place = await ledger.place(digested)
  if (place.etag !== etag || place.hash !== null) return
  ledger.set({ ...place, hash })
  await ledger.settle(place, hash)
}

async function observe(parts: EnterParts, seen: Observation): Promise<void> {
  const { ledger } = parts
  const { path, found } = seen
  if (path === '') return
  const believed = await ledger.place(path)
  if (!found) return void (await depart(ledger, believed, seen))
  const { wasFree, at } = seen
  const known = wasFree === undefined ? believed : await depart(ledger, believed, { path, at, reason: wasFree })
  await enterParents(parts, seen)
  if (seen.kept && found.hash !== null && found.size !== null) ledger.keep(found.hash, found.size)
  const before = known.kind === found.kind || known.kind === 'gone' ? known : await depart(ledger, known, seen)
  if (seen.began !== undefined && isStanding(believed, found) && (await ledger.amend(seen))) return
  const isSource = seen.op === 'copied_from' || seen.op === 'dir_copied_from'
  // On the side of the source a request changes nothing, so what is different there is by somebody else.
  const change = isSource ? { path, at, reason: 'found after a copy' } : seen
  const place = differences(before, change, found).reduce((last, entry) => ledger.enter(entry, last), before)
  const now = { ...place, ...standing(found, place.hash, before) }
  ledger.set(now)
  if (isSource && seen.op) ledger.enter({ ...blank(seen), op: seen.op, after: now.hash, size_after: now.size }, now)
}

/** Whether it is known already that this stands there. */
const isStanding = (known: Place, found: Found): boolean =>
  known.kind === found.kind && known.etag === found.etag && known.mode === found.mode && known.inode === found.inode

/** What is noted of something that stands there. A digest that is not known is the one from before if nothing else changed. */
function standing(found: Found, hash: string | null, before: Place): Found {
  const isSame = before.kind === 'file' && before.etag === found.etag
  return { ...found, hash: found.hash ?? (isSame ? hash : null) }
}

/** Folders in which something is found were made, whether somebody saw that or not. */
async function enterParents({ ledger, describeFolder }: EnterParts, seen: Observation): Promise<void> {
  const missing: Place[] = []
  for (let path = parentOf(seen.path); path !== ''; path = parentOf(path)) {
    const place = await ledger.place(path)
    if (place.kind === 'directory') break
    missing.unshift(place)
  }
  for (const place of missing) {
    const gone = place.kind === 'gone' ? place : await depart(ledger, place, seen)
    const entry: NewEntry = { ...blank({ ...seen, path: parsePath(place.path), source: undefined }), op: 'mkdir' }
    ledger.set({ ...ledger.enter(entry, gone), kind: 'directory', ...describeFolder(entry.path) })
  }
}

/** Nothing stands there any more, nor below it. Of a large folder the rest is told later. */
async function depart(ledger: Ledger, known: Place, seen: Observation): Promise<Place> {
  if (known.kind === 'gone') return known
  const isFolder = known.kind === 'directory'
  const from = parsePath(known.path)
  if (isFolder) await settleAll(ledger, from)
  const id = ledger.next
  const gone = emptied(ledger.enter(departure(known, seen), known))
  ledger.set(gone)
  if (isFolder) await enterPart(ledger, { id, from, at: seen.at, reason: seen.reason, after: `${from}/` })
  return gone
}

async function relocate(parts: EnterParts, move: Relocation): Promise<void> {
  const { ledger } = parts
  const { from, to, found, at, reason } = move
  const source = await ledger.place(from)
  await enterParents(parts, { path: to, at, reason })
  const replaced = await ledger.place(to)
  // Whoever saw the same move has entered it already.
  const isEntered = source.kind === 'gone' && replaced.kind === found.kind && replaced.inode === found.inode
  if (isEntered) return observe(parts, { path: to, found, at, reason })
  // A file that replaces a file is one change of what stands there; anything else ends first.
  const isOneChange = replaced.kind === source.kind && replaced.kind !== 'directory'
  if (!isOneChange) await depart(ledger, replaced, { path: to, at, reason })
  // Nothing is known of what was moved, so all that can be said is that it is here now.
  if (source.kind === 'gone') return observe(parts, { path: to, found, at, reason })
  const isFolder = source.kind === 'directory'
  if (isFolder) await settleAll(ledger, from)
  const id = ledger.next
  const arrived = await carry(ledger, source, to, move)
  if (isAsBefore(source, found)) ledger.set({ ...arrived, ...found, hash: arrived.hash })
  if (isFolder) await enterPart(ledger, { id, from, to, at, reason, after: `${from}/` })
}

/** Renaming gives a file another etag, as the time of its change is in that. What else is different is left for a look to find. */
function isAsBefore(known: Place, found: Found): boolean {
  if (known.kind !== found.kind || found.kind === 'link') return false
  return known.size === found.size && known.modified === found.modified && known.inode === found.inode
}
