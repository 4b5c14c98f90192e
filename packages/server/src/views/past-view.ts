import type { Journal } from '../journal/journal.ts'
import type { ViewContext } from './view.ts'

/** A request about what a file was. It stands, or stood, at the path of the request; the caller may read there. */
export type PastContext = Omit<ViewContext, 'source' | 'local'> & { readonly journal: Journal }
