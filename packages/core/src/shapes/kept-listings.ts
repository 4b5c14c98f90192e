import { randomUUID } from 'node:crypto'
import { StorageError } from '../error.ts'

/** What decides which of the items of one name stands for it. */
export interface Standing {
  readonly id: string
  readonly rank: number
}

/** What is remembered of a listing that is given out page by page. */
export interface KeptListing {
  readonly id: string
  /** Which listing it is. */
  readonly of: string
  /** How many pages come before the one at a cursor of the vendor; `null` is the beginning. */
  readonly numbers: Map<string | null, number>
  /** The page in which a name was given out. */
  readonly given: Map<string, number>
  /** The lowest rank in all pages up to one, by number. */
  readonly lowest: number[]
  /** What a survey found for each name. */
  readonly best: Map<string, Standing>
  isSurveyed: boolean
}

export interface KeptListings {
  begin(of: string): KeptListing
  /** `undefined` for what is forgotten, or was another listing. */
  get(id: string, of: string): KeptListing | undefined
  drop(listing: KeptListing): void
  /** To be called when it has grown: what was used least goes when there is too much of all. */
  weigh(grown: KeptListing): void
}

/** Remembers a bounded number of listings with a bounded number of names, none longer than so many milliseconds unused. */
export function keptListings(
  keepFor: number,
  most: { readonly listings: number; readonly names: number },
): KeptListings {
  const kept = new Map<string, { readonly listing: KeptListing; readonly expiry: NodeJS.Timeout }>()

  function drop({ id }: KeptListing): void {
    clearTimeout(kept.get(id)?.expiry)
    kept.delete(id)
  }
  function weigh(grown: KeptListing): void {
    let names = 0
    for (const { listing } of kept.values()) names += listing.given.size + listing.best.size
    for (const { listing } of kept.values()) {
      if (kept.size <= most.listings && names <= most.names) return
      if (listing === grown) continue
      names -= listing.given.size + listing.best.size
      drop(listing)
    }
  }
  return {
    begin(of) {
      const id = randomUUID()
      const [numbers, given, best] = [new Map([[null, 0]]), new Map<string, number>(), new Map<string, Standing>()]
      const listing: KeptListing = { id, of, numbers, given, best, lowest: [], isSurveyed: false }
      kept.set(id, { listing, expiry: setTimeout(() => drop(listing), keepFor).unref() })
      weigh(listing)
      return listing
    },
    get(id, of) {
      const found = kept.get(id)
      if (found?.listing.of !== of) return undefined
      found.expiry.refresh()
      kept.delete(id)
      kept.set(id, found)
      return found.listing
    },
    drop,
    weigh,
  }
}

/**
 * A cursor of the vendor, once it is known how many pages come before it.
 * @throws StorageError `Unexpected` when it leads back
 */
export function numbered({ numbers }: KeptListing, from: string | null, next: string | undefined): string | undefined {
  if (next === undefined) return undefined
  const number = (numbers.get(from) ?? numbers.size) + 1
  const before = numbers.get(next)
  if (before !== undefined && before < number) {
    throw new StorageError('Unexpected', 'The pages of a listing run in a circle: a cursor came twice.')
  }
  if (before === undefined) numbers.set(next, number)
  return next
}
