/** Who lies in which folder under which name. */
export interface NameIndex {
  add(parent: string, name: string, id: string): void
  remove(parent: string, name: string, id: string): void
  named(parent: string, name: string): readonly string[]
  /** In the order in which they came. */
  inside(parent: string): readonly string[]
}

/** @param fold makes equal what counts as one name */
export function nameIndex(fold: (name: string) => string): NameIndex {
  const folders = new Map<string, { readonly ids: Set<string>; readonly names: Map<string, Set<string>> }>()
  return {
    add(parent, name, id) {
      const folder = folders.get(parent) ?? { ids: new Set(), names: new Map<string, Set<string>>() }
      folders.set(parent, folder)
      folder.ids.add(id)
      const same = folder.names.get(fold(name)) ?? new Set()
      folder.names.set(fold(name), same.add(id))
    },
    remove(parent, name, id) {
      const folder = folders.get(parent)
      folder?.ids.delete(id)
      const same = folder?.names.get(fold(name))
      same?.delete(id)
      if (same?.size === 0) folder?.names.delete(fold(name))
    },
    named: (parent, name) => [...(folders.get(parent)?.names.get(fold(name)) ?? [])],
    inside: (parent) => [...(folders.get(parent)?.ids ?? [])],
  }
}
