import type { Source } from '../sources/source.ts'
import type { ViewContext } from './view.ts'

/** What a file was, by whoever remembers it. Each throws a StorageError when it knows of nothing, or the caller may not read it. */
export interface Past {
  /** What happened, the oldest first. */
  history(page: { readonly afterId: number; readonly limit: number }): Promise<HistoryPage>
  revision(number: number): Promise<Source>
  /** @param time in Unix milliseconds */
  at(time: number): Promise<Source>
}

export interface HistoryPage {
  /** In the documented form. What happened where the caller may not read is left out. */
  readonly revisions: readonly Readonly<Record<string, unknown>>[]
  readonly hasMore: boolean
  /** Leads to the page after this one. */
  readonly nextAfterId: number | null
}

/** A request about what a file was. It stands, or stood, at the path of the request; the caller may read there. */
export type PastContext = Omit<ViewContext, 'source' | 'local'> & { readonly past: Past }
