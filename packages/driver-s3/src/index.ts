import { defineDriver } from '@filegate/core'
import { classify } from './errors.ts'
import { options } from './options.ts'

/** Amazon S3 and what speaks its protocol. */
export default defineDriver({
  slug: 's3',
  title: 'Amazon S3 and compatible services',
  category: 'object_storage',
  idPrefix: 'bck_',
  options,
  pace: { concurrency: 128 },
  classify,
  connect: async (given, context) => {
    const { connectS3 } = await import('./driver.ts')
    return connectS3(given, context)
  },
  proof: 'real-server',
})

export { classify } from './errors.ts'
export { options, type S3Options } from './options.ts'
