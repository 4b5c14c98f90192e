import { array, assert, asyncProperty, boolean, constantFrom, integer, shuffledSubarray } from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { StorageError } from '../error.ts'
import { type OnePerName, onePerName } from './one-per-name.ts'
import type { TreeItem } from './tree-source.ts'

interface Named {
  readonly name: string
  readonly rank: number
}

const itemOf = ({ name, rank }: Named, place: number): TreeItem => ({
  id: `id-${String(place).padStart(6, '0')}`,
  facts: { kind: 'file', name },
  rank,
})

/** A vendor with pages of so many items, which counts what it is asked. */
function vendor(items: readonly TreeItem[], size: number) {
  const asked: (string | undefined)[] = []
  return {
    asked,
    of: 'folder',
    ask: async (cursor: string | undefined) => {
      asked.push(cursor)
      const start = Number(cursor ?? 0)
      const end = start + size
      return { items: items.slice(start, end), cursor: end < items.length ? String(end) : undefined }
    },
  }
}
type Vendor = ReturnType<typeof vendor>

const folding = (options: { newestFirst?: boolean; listings?: number; names?: number; keepFor?: number } = {}) => {
  const { newestFirst = true, listings = 10, names = 10_000, keepFor } = options
  return onePerName<TreeItem>({
    item: (item) => item,
    key: ({ facts }) => facts.name,
    newestFirst,
    keepFor,
    most: { listings, names },
  })
}

async function pagesOf(once: OnePerName<TreeItem>, listing: Vendor): Promise<TreeItem[][]> {
  const found: TreeItem[][] = []
  let cursor: string | undefined
  do {
    const page = await once(listing, cursor)
    found.push([...page.items])
    cursor = page.cursor
  } while (cursor !== undefined)
  return found
}

const highestFirst = (one: TreeItem, other: TreeItem): number => (other.rank ?? 0) - (one.rank ?? 0)
const ids = (items: readonly TreeItem[]): string[] => items.map(({ id }) => id).sort()

/** What a listing is to hold: of each name the item with the greatest rank, and of those the greatest id. */
function wanted(items: readonly TreeItem[]): string[] {
  const best = new Map<string, TreeItem>()
  for (const item of [...items].sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || (a.id < b.id ? -1 : 1))) {
    best.set(item.facts.name, item)
  }
  return ids([...best.values()])
}

/** Many of one name, none of one rank twice. */
const named = array(constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 30 }).chain((names) =>
  shuffledSubarray(
    names.map((_, rank) => rank),
    { minLength: names.length },
  ).map((ranks) => names.map((name, place) => ({ name, rank: ranks[place] ?? 0 }))),
)

afterEach(() => void vi.useRealTimers())

describe('a listing in which names come twice', () => {
  it('holds what stands for each name, in any order that the vendor gives, and whatever it promised', async () => {
    await assert(
      asyncProperty(named, integer({ min: 1, max: 8 }), boolean(), async (list, size, newestFirst) => {
        const items = list.map(itemOf)
        // A vendor that breaks its word is found out by what it gives; see below where that is too late.
        const given = newestFirst ? items.toSorted(highestFirst) : items
        const found = await pagesOf(folding({ newestFirst }), vendor(given, size))
        expect(ids(found.flat())).toEqual(wanted(items))
      }),
    )
  })

  it('is read once where the newest comes first', async () => {
    const items = Array.from({ length: 1000 }, (_, rank) => itemOf({ name: `n${rank % 700}`, rank }, rank))
    const listing = vendor(items.toSorted(highestFirst), 10)
    const found = await pagesOf(folding(), listing)
    expect([found.flat().length, listing.asked.length]).toEqual([700, 100])
  })

  it('is read twice where the vendor ignores the order, one page in each call', async () => {
    const items = Array.from({ length: 100 }, (_, rank) => itemOf({ name: `n${rank % 70}`, rank }, rank))
    const listing = vendor(items, 10)
    const once = folding()
    let cursor: string | undefined
    const found: TreeItem[] = []
    do {
      const before = listing.asked.length
      const page = await once(listing, cursor)
      expect(listing.asked).toHaveLength(before + 1)
      found.push(...page.items)
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(ids(found)).toEqual(wanted(items))
    expect(listing.asked).toHaveLength(21)
  })

  it('gives no name twice where the order is lost on the way', async () => {
    const ranks = [90, 80, 70, 60, 10, 65]
    const items = ranks.map((rank, place) => itemOf({ name: ['a', 'b', 'c', 'd', 'd', 'd'][place] ?? '', rank }, place))
    const found = await pagesOf(folding(), vendor(items, 2))
    expect(found.flat().map(({ facts }) => facts.name)).toEqual(['a', 'b', 'c', 'd'])
    // The second page shows that there is no order, before anything of the last name is given out.
    const unordered = [90, 80, 85, 10, 70].map((rank, place) => itemOf({ name: 'abcxx'[place] ?? '', rank }, place))
    expect(ids((await pagesOf(folding(), vendor(unordered, 2))).flat())).toEqual(wanted(unordered))
  })

  it.each([true, false])('gives the same page when it is asked for again (in order: %s)', async (isOrdered) => {
    const items = Array.from({ length: 30 }, (_, rank) => itemOf({ name: `n${rank % 20}`, rank }, rank))
    const once = folding()
    const listing = vendor(isOrdered ? items.toSorted(highestFirst) : items, 7)
    const found: TreeItem[] = []
    let page = await once(listing, undefined)
    found.push(...page.items)
    while (page.cursor !== undefined) {
      const { cursor } = page
      const first = await once(listing, cursor)
      // The last page is over once it was given out, and is then found anew.
      page = first.cursor === undefined ? first : await once(listing, cursor)
      expect(page.items).toEqual(first.items)
      found.push(...page.items)
    }
    expect(ids(found)).toEqual(wanted(items))
  })

  it.each([
    { listings: 1, names: 10_000 },
    { listings: 10, names: 20 },
  ])('is still right when it was forgotten for others, %j', async (most) => {
    const items = Array.from({ length: 40 }, (_, rank) => itemOf({ name: `n${rank % 15}`, rank }, rank))
    const once = folding(most)
    const listing = vendor(items.toSorted(highestFirst), 10)
    const first = await once(listing, undefined)
    await once({ ...vendor(items.toSorted(highestFirst), 30), of: 'other' }, undefined)
    const rest: TreeItem[] = []
    let { cursor } = first
    while (cursor !== undefined) {
      const page = await once(listing, cursor)
      rest.push(...page.items)
      cursor = page.cursor
    }
    expect(ids([...first.items, ...rest])).toEqual(wanted(items))
    // A survey of all, and then the pages that were still to come.
    expect(listing.asked).toEqual([undefined, undefined, '10', '20', '30', '10', '20', '30'])
  })

  it('is forgotten when nobody goes on with it, and when it is over', async () => {
    vi.useFakeTimers()
    const once = folding({ keepFor: 1000 })
    const items = ['a', 'b', 'c'].map((name, place) => itemOf({ name, rank: 9 - place }, place))
    const listing = vendor(items, 1)
    let { cursor } = await once(listing, undefined)
    expect(vi.getTimerCount()).toBe(1)
    for (let page = 2; page <= 3; page++) {
      // Whoever goes on keeps it for as long again.
      vi.advanceTimersByTime(900)
      const next = await once(listing, cursor)
      expect(next.items).toHaveLength(1)
      cursor = next.cursor
    }
    expect([cursor, vi.getTimerCount()]).toEqual([undefined, 0])
    const again = await once(listing, undefined)
    vi.advanceTimersByTime(1001)
    expect((await once(listing, again.cursor)).items).toEqual([])
  })

  it('picks the same of items of one age at each call', async () => {
    const items = ['x', 'x', 'x'].map((name, place) => itemOf({ name, rank: 1 }, place))
    for (const listing of [vendor(items, 5), vendor(items.toReversed(), 5)]) {
      expect(ids((await pagesOf(folding(), listing)).flat())).toEqual(['id-000002'])
    }
  })

  it('gives the same page again when it was forgotten, and the vendor calls pages by another name each time', async () => {
    let asked = 0
    const items = Array.from({ length: 12 }, (_, rank) => itemOf({ name: `n${rank % 8}`, rank }, rank))
    const plain = vendor(items.toSorted(highestFirst), 3)
    const listing = {
      ...plain,
      ask: async (cursor: string | undefined) => {
        const page = await plain.ask(cursor?.split(' ')[0])
        return { ...page, cursor: page.cursor === undefined ? undefined : `${page.cursor} ${++asked}` }
      },
    }
    const first = await folding()(listing, undefined)
    const forgetful = folding()
    let page = await forgetful(listing, first.cursor)
    const found = [...first.items]
    while (page.cursor !== undefined) {
      const { cursor } = page
      page = await forgetful(listing, cursor)
      if (page.cursor !== undefined) page = await forgetful(listing, cursor)
      found.push(...page.items)
    }
    expect(ids(found)).toEqual(wanted(items))
  })

  it('is not taken for another listing', async () => {
    const once = folding()
    const [one, other] = ['a', 'b'].map((name) =>
      vendor(
        Array.from({ length: 9 }, (_, place) => itemOf({ name: `${name}${place}`, rank: 9 - place }, place)),
        3,
      ),
    )
    if (!one || !other) throw new Error('There are two.')
    const { cursor } = await once(one, undefined)
    const page = await once({ ...other, of: 'other' }, cursor)
    // What is known is of the other one, so this one is looked through first.
    expect([page.items, other.asked]).toEqual([[], [undefined]])
  })

  it('does not go on for ever where the pages run in a circle', async () => {
    for (const newestFirst of [true, false]) {
      const listing = { ...vendor([], 1), ask: async () => ({ items: [], cursor: 'same' }) }
      await expect(pagesOf(folding({ newestFirst }), listing)).rejects.toSatisfy((error) =>
        StorageError.is(error, 'Unexpected'),
      )
    }
  })

  it('refuses a cursor that it did not give out', async () => {
    for (const cursor of ['x', '{}', '{"listing":1,"at":null}']) {
      await expect(folding()(vendor([], 1), cursor)).rejects.toMatchObject({ code: 'InvalidArgument' })
    }
  })
})
