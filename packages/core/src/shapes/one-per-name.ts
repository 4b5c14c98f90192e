import type { Page } from '../contract.ts'
import { StorageError } from '../error.ts'
import { member } from '../member.ts'
import { type KeptListing, keptListings, numbered, type Standing } from './kept-listings.ts'
import type { TreeItem } from './tree-source.ts'

/**
 * Gives out a listing in which names come twice, each name once. Every call asks for one page of the vendor, so a page may be
 * empty though there is more. A page can be asked for again.
 */
export type OnePerName<Found> = (listing: Listing<Found>, cursor: string | undefined) => Promise<Page<Found>>

export interface Listing<Found> {
  /** Tells one listing from others. */
  readonly of: string
  readonly ask: (cursor: string | undefined) => Promise<Page<Found>>
}

export interface OnePerNameOptions<Found> {
  readonly item: (found: Found) => TreeItem
  /** What shall be there once. */
  readonly key: (found: Found) => string
  /** Whether the vendor says that what ranks highest comes first. Where it does not, or does otherwise, all is read twice. */
  readonly newestFirst: boolean
  /** Milliseconds that a listing is remembered with which nobody goes on. Default ten minutes. */
  readonly keepFor?: number | undefined
  readonly most?: { readonly listings: number; readonly names: number } | undefined
}

/** Where a listing stands: before a page of the vendor, and before that one of a survey, if one is under way. */
interface Position {
  readonly listing: string
  /** `null` is the beginning. */
  readonly at: string | null
  readonly survey?: string | null | undefined
}

export const standing = ({ id, rank, facts }: TreeItem): Standing => ({ id, rank: rank ?? facts.modified ?? 0 })

/** Whether of two items of one name this one stands for it; ids decide between equals, so that every call picks the same. */
export const isNewer = (one: Standing, other: Standing): boolean =>
  one.rank === other.rank ? one.id > other.id : one.rank > other.rank

/**
 * Where the newest comes first, the first of a name is the one to give out, and only names are remembered. Where it turns
 * out not to, or what was remembered is lost, a survey of the whole listing finds which item stands for each name, and then
 * the listing is read once more. Of items of one name and one age on two pages of an ordered listing, the first is taken.
 */
export function onePerName<Found>(options: OnePerNameOptions<Found>): OnePerName<Found> {
  const { newestFirst, key, keepFor = 600_000, most = { listings: 64, names: 1_000_000 } } = options
  const kept = keptListings(keepFor, most)
  const standingOf = (found: Found): Standing => standing(options.item(found))

  /** What stands for each name in a page. */
  function folded(items: readonly Found[]): Map<string, Found> {
    const byName = new Map<string, Found>()
    for (const found of items) {
      const rival = byName.get(key(found))
      if (rival === undefined || isNewer(standingOf(found), standingOf(rival))) byName.set(key(found), found)
    }
    return byName
  }

  async function survey(known: KeptListing, { ask }: Listing<Found>, { at, survey: from = null }: Position) {
    const page = await ask(from ?? undefined)
    for (const [name, found] of folded(page.items)) {
      const best = known.best.get(name)
      if (!best || isNewer(standingOf(found), best)) known.best.set(name, standingOf(found))
    }
    kept.weigh(known)
    const next = numbered(known, from, page.cursor)
    known.isSurveyed ||= next === undefined
    return { items: [], cursor: cursorOf({ listing: known.id, at, ...(next !== undefined && { survey: next }) }) }
  }

  function chosen(known: KeptListing, items: readonly Found[], number: number): Found[] {
    return [...folded(items)].flatMap(([name, found]) => {
      const best = known.best.get(name)
      const isOther = best !== undefined && best.id !== standingOf(found).id
      // Given out in an earlier page, and not in this one that is asked for again.
      if (isOther || (known.given.get(name) ?? number) < number) return []
      known.given.set(name, number)
      return [found]
    })
  }

  async function give(known: KeptListing, listing: Listing<Found>, at: string | null): Promise<Page<Found>> {
    const { items, cursor } = await listing.ask(at ?? undefined)
    const number = known.numbers.get(at) ?? known.numbers.size
    known.numbers.set(at, number)
    const isAll = at === null && cursor === undefined
    const before = known.lowest[number - 1] ?? Number.POSITIVE_INFINITY
    if (!isAll && !known.isSurveyed && !(newestFirst && isInOrder(items.map(standingOf), before))) {
      return { items: [], cursor: cursorOf({ listing: known.id, at, survey: null }) }
    }
    const last = items.at(-1)
    known.lowest[number] = last === undefined ? before : standingOf(last).rank
    const given = chosen(known, items, number)
    kept.weigh(known)
    const next = numbered(known, at, cursor)
    if (next === undefined) kept.drop(known)
    return { items: given, cursor: next === undefined ? undefined : cursorOf({ listing: known.id, at: next }) }
  }

  return async (listing, cursor) => {
    if (cursor === undefined) return give(kept.begin(listing.of), listing, null)
    const at = positionOf(cursor)
    const known = kept.get(at.listing, listing.of)
    if (!known) return survey(kept.begin(listing.of), listing, { ...at, survey: null })
    return at.survey === undefined ? give(known, listing, at.at) : survey(known, listing, at)
  }
}

/** Whether nothing ranks higher than what comes before it. */
function isInOrder(items: readonly Standing[], highest: number): boolean {
  return items.every(({ rank }, place) => rank <= (items[place - 1]?.rank ?? highest))
}

const cursorOf = (at: Position): string => JSON.stringify(at)

/** Read by hand: the schema library takes memory and 50 ms to load, which a server that lists no such folder need not spend. */
function positionOf(cursor: string): Position {
  const given = parsed(cursor)
  const [listing, at, survey] = [member(given, 'listing'), member(given, 'at'), member(given, 'survey')]
  if (typeof listing === 'string' && isPlace(at) && (survey === undefined || isPlace(survey))) {
    return { listing, at, survey }
  }
  throw new StorageError('InvalidArgument', 'The cursor is none that a listing gave out.')
}

const isPlace = (value: unknown): value is string | null => value === null || typeof value === 'string'

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(cursor)
  } catch {
    return undefined
  }
}
