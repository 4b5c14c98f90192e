/** Things by name. Where several have one, whatever its case, all but the first get their id behind it. */
export function distinctNames<Item extends { readonly name: string }>(
  items: readonly Item[],
  idOf: (item: Item) => string,
): ReadonlyMap<string, Item> {
  const taken = new Set<string>()
  const named = new Map<string, Item>()
  for (const item of items) {
    if (!isName(item.name)) continue
    let name = item.name
    // Others choose the names of what they share, also one that looks as if it had an id behind it.
    while (taken.has(name.toLowerCase())) name = `${name} (${idOf(item).replace(/^id:/, '')})`
    taken.add(name.toLowerCase())
    named.set(name, item)
  }
  return named
}

/** What no path can hold could not be asked for either. */
export const isName = (name: string): boolean => name !== '' && !/^\.{1,2}$|[/\0]/.test(name)
