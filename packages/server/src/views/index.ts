import { base64 } from './base64.ts'
import { glob } from './glob.ts'
import { grep } from './grep.ts'
import { hash } from './hash.ts'
import { lines } from './lines.ts'
import { listing } from './listing.ts'
import { stat } from './stat.ts'
import { thumbnail } from './thumbnail.ts'
import { viewPage } from './view-page.ts'
import { zip } from './zip.ts'
import type { View } from './view.ts'

/** Every view that a query parameter selects. Adding one is its file and its line here. */
export const views: readonly View[] = [
  base64,
  glob,
  grep,
  hash,
  lines,
  listing,
  stat,
  thumbnail,
  viewPage,
  zip,
]

/** Parameters of which a request may carry only one. Aliases of one view count as one. */
export const exclusive: readonly (readonly string[])[] = [['history', 'at', 'revision', 'diff']]
