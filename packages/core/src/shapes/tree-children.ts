import type { ListOptions, Operation, Page } from '../contract.ts'
import { pages } from '../pages.ts'
import { isNewer, onePerName, standing } from './one-per-name.ts'
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
  const once = onePerName<Item>({
    item: (item) => item,
    key: ({ facts }) => facts.name,
    newestFirst: source.newestFirst ?? false,
  })

  async function lookUp(place: TreePlace, options: Operation): Promise<Item | undefined> {
    if (source.child) return newest(await asked(source.child(place, options)))
    const items = pages((page) => asked(source.children(place.directory, page)), { signal: options.signal })
    let found: Item | undefined
    for await (const item of items) {
      if (!same(item.facts.name, place.name)) continue
      if (!source.duplicates) return item
      found = newest(found ? [found, item] : [item])
    }
    return found
  }

  async function children(directory: string, options: ListOptions): Promise<Page<Item>> {
    if (!source.duplicates) return source.children(directory, options)
    const ask = (cursor: string | undefined) => source.children(directory, { ...options, cursor })
    return once({ of: directory, ask }, options.cursor)
  }

  return { lookUp, children }
}

function sameName(caseSensitive: boolean): (one: string, other: string) => boolean {
  return caseSensitive
    ? (one, other) => one === other
    : (one, other) => one === other || one.toLowerCase() === other.toLowerCase()
}

/** Of items of one name. */
function newest<Item extends TreeItem>(items: readonly Item[]): Item | undefined {
  return items.reduce<Item | undefined>(
    (best, item) => (best && isNewer(standing(best), standing(item)) ? best : item),
    undefined,
  )
}
