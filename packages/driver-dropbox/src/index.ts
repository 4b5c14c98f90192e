import { defineDriver } from '@filegate/core'
import { classify } from './errors.ts'
import { flow } from './flow.ts'
import { options } from './options.ts'
import { paceFor } from './pace.ts'

/** Dropbox. */
export default defineDriver({
  slug: 'dropbox',
  title: 'Dropbox',
  category: 'cloud',
  idPrefix: 'bnd_dropbox_',
  options,
  paceFor,
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
