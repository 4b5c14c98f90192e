/** Where an item is, or was: in the directory of that id, under that name. */
export interface Place {
  readonly parent: string
  readonly name: string
}

/**
 * Where the items of a drive were seen. The list of changes tells where an item is now, and of one that is gone no more than its id;
 * what is remembered under other paths has to be found all the same.
 */
export interface Places {
  note(id: string, place: Place): void
  /** Newest first; also those of items that are gone. */
  of(id: string): readonly Place[]
  /** An entry that leads into another drive, of whose changes nothing is told. */
  noteShared(id: string): void
  readonly shared: ReadonlySet<string>
  /** There are directories above what was noted that were not seen themselves. */
  skipped(): void
  /** What may have been seen although nothing is noted of it. */
  readonly lacks: 'nothing' | 'directories' | 'any'
}

/** Items that are kept, the least seen go first, and places that are kept of each. */
const [mostItems, mostPlaces] = [50_000, 4]

export function createPlaces(most = mostItems): Places {
  const known = new Map<string, readonly Place[]>()
  const shared = new Set<string>()
  let lacks: Places['lacks'] = 'nothing'
  return {
    shared,
    note(id, place) {
      const before = known.get(id) ?? []
      const others = before.filter(({ parent, name }) => parent !== place.parent || name !== place.name)
      known.delete(id)
      known.set(id, [place, ...others].slice(0, mostPlaces))
      const [oldest] = known.keys()
      if (known.size <= most || oldest === undefined) return
      known.delete(oldest)
      lacks = 'any'
    },
    of: (id) => known.get(id) ?? [],
    noteShared: (id) => void shared.add(id),
    skipped() {
      if (lacks === 'nothing') lacks = 'directories'
    },
    get lacks() {
      return lacks
    },
  }
}
