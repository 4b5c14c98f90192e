import type { View } from './view.ts'

/** Every view that a query parameter selects. Adding one is its file and its line here. */
export const views: readonly View[] = []

/** Parameters of which a request may carry only one. Aliases of one view count as one. */
export const exclusive: readonly (readonly string[])[] = [['history', 'at', 'revision', 'diff']]
