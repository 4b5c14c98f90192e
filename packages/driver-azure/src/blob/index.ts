import { defineDriver } from '@filegate/core'
import { classify } from './errors.ts'
import { options } from './options.ts'

/** Azure Blob Storage. */
export default defineDriver({
  slug: 'azureblob',
  title: 'Azure Blob Storage',
  category: 'object_storage',
  idPrefix: 'bck_',
  options,
  pace: { concurrency: 128 },
  classify,
  connect: async (given, context) => {
    const { connectBlob } = await import('./driver.ts')
    return connectBlob(given, context)
  },
  proof: 'emulator',
})

export { classify } from './errors.ts'
export { type BlobOptions, options } from './options.ts'
