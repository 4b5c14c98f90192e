/** The keys without which some files shared by links stay closed: https://developers.google.com/workspace/drive/api/guides/resource-keys. */
export interface ResourceKeys {
  /** Remembers what came with a file. */
  keep(id: string | undefined, key: string | undefined): void
  /** The header of a call that touches these files. */
  headersFor(ids: readonly string[]): Record<string, string>
}

const most = 10_000
/** A header has its limits, and a call touches few files that have keys. */
const mostInHeader = 50

export function resourceKeys(): ResourceKeys {
  const known = new Map<string, string>()
  return {
    keep(id, key) {
      if (!id || !key || !/^[\w.-]+$/.test(key)) return
      known.delete(id)
      known.set(id, key)
      const [oldest] = known.keys()
      if (known.size > most && oldest !== undefined) known.delete(oldest)
    },
    headersFor(ids) {
      const pairs = ids.flatMap((id) => {
        const key = known.get(id)
        return key === undefined ? [] : [`${id}/${key}`]
      })
      return pairs.length === 0 ? {} : { 'x-goog-drive-resource-keys': pairs.slice(0, mostInHeader).join(',') }
    },
  }
}
