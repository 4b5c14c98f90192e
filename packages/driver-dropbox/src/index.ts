import { defineDriver } from '@filegate/core'
import { classify } from './errors.ts'
import { flow } from './flow.ts'
import { options } from './options.ts'

/** Seconds between two calls, where nothing else is asked for. */
const usualGap = 0.01

/** At the same time, since each upload holds a chunk in memory. */
const mostCalls = 64

/** Dropbox. */
export default defineDriver({
  slug: 'dropbox',
  title: 'Dropbox',
  category: 'cloud',
  idPrefix: 'bnd_dropbox_',
  options,
  paceFor: ({ pacer_min_sleep: gap }) => ({ perSecond: 1 / (gap || usualGap), concurrency: mostCalls }),
  classify,
  oauth: flow,
  connect: async (given, context) => {
    const { connectDropbox } = await import('./driver.ts')
    return connectDropbox(given, context)
  },
  proof: 'simulator+second-client',
})
export { classify } from './errors.ts'
export { type DropboxOptions, options } from './options.ts'
