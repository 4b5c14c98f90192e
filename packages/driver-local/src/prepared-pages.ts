import type { Entry, Page } from '@filegate/core'

interface Prepared {
  readonly page: Promise<Page<Entry>>
  readonly expiry: NodeJS.Timeout
}

/** Pages that were begun before anybody asked: while a caller writes out one page, a worker makes the next. */
export interface PreparedPages {
  take(key: string): Promise<Page<Entry>> | undefined
  put(key: string, page: Promise<Page<Entry>>): void
  clear(): void
}

const capacity = 4
/** Milliseconds until a page that nobody came for is dropped. */
const lifetime = 5000

export function preparedPages(): PreparedPages {
  const pages = new Map<string, Prepared>()
  const drop = (key: string): void => {
    clearTimeout(pages.get(key)?.expiry)
    pages.delete(key)
  }
  return {
    take(key) {
      const page = pages.get(key)?.page
      drop(key)
      return page
    },
    put(key, page) {
      // Whoever takes the page meets its error; if nobody does, nobody wants to know.
      page.catch(() => drop(key))
      drop(key)
      pages.set(key, { page, expiry: setTimeout(() => drop(key), lifetime).unref() })
      for (const oldest of pages.keys()) if (pages.size > capacity) drop(oldest)
    },
    clear() {
      for (const key of pages.keys()) drop(key)
    },
  }
}
