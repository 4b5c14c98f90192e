import type { ListOptions, Operation, Page } from '../contract.ts'
import { pages } from '../pages.ts'
import type { TreeItem, TreePlace, TreeSource } from './tree-source.ts'

/** What a directory holds, with one item for each name. */
export interface TreeChildren<Item extends TreeItem> {
  readonly lookUp: (place: TreePlace, options: Operation) => Promise<Item | undefined>
  readonly children: (directory: string, options: ListOptions) => Promise<Page<Item>>
}

/** `asked` goes around every answer of the service about a directory. */
export function treeChildren<Item extends TreeItem>(
  source: TreeSource<Item>,
  asked: <Result>(answer: Promise<Result>) => Promise<Result>,
): TreeChildren<Item> {
  const same = sameName(source.traits.caseSensitive)

  async function lookUp(place: TreePlace, options: Operation): Promise<Item | undefined> {
    if (source.child) return newest(await asked(source.child(place, options)))
    const items = pages((page) => asked(source.children(place.directory, page)), { signal: options.signal })
    let found: Item | undefined
    for await (const item of items) {
      if (!same(item.facts.name, place.name)) continue
      if (!source.duplicates) return item
      found = found && isNewer(found, item) ? found : item
    }
    return found
  }

  async function children(directory: string, options: ListOptions): Promise<Page<Item>> {
    if (!source.duplicates) return source.children(directory, options)
    const { signal, fresh, limit, cursor } = options
    const items = await gather(pages((page) => source.children(directory, page), { signal, fresh }))
    return pageByName(items, limit ?? items.length, cursor)
  }

  return { lookUp, children }
}

function sameName(caseSensitive: boolean): (one: string, other: string) => boolean {
  return caseSensitive
    ? (one, other) => one === other
    : (one, other) => one === other || one.toLowerCase() === other.toLowerCase()
}

/** Of items of one name; ids decide between those of the same time, so that every call picks the same. */
function newest<Item extends TreeItem>(items: readonly Item[]): Item | undefined {
  return items.reduce<Item | undefined>((best, item) => (best && isNewer(best, item) ? best : item), undefined)
}

function isNewer(one: TreeItem, other: TreeItem): boolean {
  const [first, second] = [one.facts.modified ?? 0, other.facts.modified ?? 0]
  return first === second ? one.id > other.id : first > second
}

/** The newest item of each name, by name. */
async function gather<Item extends TreeItem>(items: AsyncIterable<Item>): Promise<Item[]> {
  const byName = new Map<string, Item>()
  for await (const item of items) {
    const rival = byName.get(item.facts.name)
    if (!rival || isNewer(item, rival)) byName.set(item.facts.name, item)
  }
  return [...byName.values()].sort((one, other) => (one.facts.name < other.facts.name ? -1 : 1))
}

/** The cursor is the name behind which the page starts, so a page can be asked for again. */
function pageByName<Item extends TreeItem>(items: readonly Item[], limit: number, cursor?: string): Page<Item> {
  const rest = cursor === undefined ? items : items.filter(({ facts }) => facts.name > cursor)
  const page = rest.slice(0, Math.max(1, limit))
  return { items: page, cursor: page.length < rest.length ? page.at(-1)?.facts.name : undefined }
}
