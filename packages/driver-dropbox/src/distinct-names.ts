/** Things by name. Where several have one, whatever its case, all but the first get their id behind it. */
export function distinctNames<Item extends { readonly name: string }>(
  items: readonly Item[],
  idOf: (item: Item) => string,
): ReadonlyMap<string, Item> {
  const taken = new Set<string>()
  const named = new Map<string, Item>()
  for (const item of items) {
    const name = taken.has(item.name.toLowerCase()) ? `${item.name} (${idOf(item).replace(/^id:/, '')})` : item.name
    taken.add(name.toLowerCase())
    named.set(name, item)
  }
  return named
}
