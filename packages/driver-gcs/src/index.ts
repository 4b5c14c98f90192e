import { defineDriver } from '@filegate/core'
import { classify } from './errors.ts'
import { oauth } from './oauth-flow.ts'
import { options } from './options.ts'

/** Google Cloud Storage. */
export default defineDriver({
  slug: 'google-cloud-storage',
  title: 'Google Cloud Storage',
  category: 'object_storage',
  idPrefix: 'bck_',
  options,
  pace: { concurrency: 128 },
  classify,
  oauth,
  connect: async (given, context) => {
    const { connectGcs } = await import('./driver.ts')
    return connectGcs(given, context)
  },
  proof: 'simulator+second-client',
})

export { classify } from './errors.ts'
export { type GcsOptions, options } from './options.ts'
