import { parsePath, type StoragePath } from '@filegate/core'
import { carry } from './carry.ts'
import { departure } from './differences.ts'
import type { Ledger } from './ledger.ts'
import { emptied, type Place } from './place.ts'
import { concerns, formerPath, type Remainder } from './remainder.ts'

/** Places that are entered in one transaction: it takes some milliseconds, and others get their turn in between. */
const together = 100

/** Enters the next part of what a folder held. It begins with the first one, and may end with it. */
export async function enterPart(ledger: Ledger, remainder: Remainder): Promise<void> {
  const { id, from, after } = remainder
  const places = await ledger.standing({ folder: from, after, before: id, limit: together })
  for (const place of places) await enterOne(ledger, remainder, place)
  const last = places.at(-1)
  await ledger.goOn(remainder, places.length < together ? undefined : last?.path)
}

/**
 * Enters what has to be known before something at a path is told of: what stood there, and in the folders on the way, when a
 * folder around it went elsewhere.
 */
export async function settle(ledger: Ledger, path: StoragePath, before = Number.POSITIVE_INFINITY): Promise<void> {
  for (const remainder of ledger.remainders) {
    if (remainder.id >= before) return
    const former = formerPath(remainder, path)
    if (former === undefined) continue
    for (const place of await ledger.standingOf(lineage(remainder.from, former), remainder.id)) {
      await enterOne(ledger, remainder, place)
    }
  }
}

/** Enters all that is left to tell of what is at a path, or below it. */
export async function settleAll(ledger: Ledger, path: StoragePath): Promise<void> {
  await settle(ledger, path)
  for (const remainder of ledger.remainders.filter((remainder) => concerns(remainder, path))) {
    const former = formerPath(remainder, path)
    if (former === undefined) await finish(ledger, remainder)
    else await enterBelow(ledger, remainder, former)
  }
}

async function finish(ledger: Ledger, { id }: Remainder): Promise<void> {
  const next = (): Remainder | undefined => ledger.remainders.find((remainder) => remainder.id === id)
  for (let left = next(); left; left = next()) await enterPart(ledger, left)
}

async function enterBelow(ledger: Ledger, remainder: Remainder, folder: string): Promise<void> {
  for (let after = `${folder}/`; ; ) {
    const places = await ledger.standing({ folder, after, before: remainder.id, limit: together })
    for (const place of places) await enterOne(ledger, remainder, place)
    const last = places.at(-1)
    if (!last || places.length < together) return
    after = last.path
  }
}

async function enterOne(ledger: Ledger, { id, from, to, at, reason }: Remainder, place: Place): Promise<void> {
  if (to === undefined) {
    ledger.set(emptied(ledger.enter(departure(place, { path: from, at, reason }), place)))
    return
  }
  const path = parsePath(to + place.path.slice(from.length))
  // What stood there before may have to be told of itself.
  await settle(ledger, path, id)
  await carry(ledger, place, path, { at, reason })
}

/** The paths below a folder on the way to one, with that. Those above come first. */
function lineage(folder: string, path: string): readonly string[] {
  const names = path.slice(folder.length + 1).split('/')
  return names.map((_, depth) => `${folder}/${names.slice(0, depth + 1).join('/')}`)
}
