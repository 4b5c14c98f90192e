import { defineDriver } from '@filegate/core'
import { classify } from './errors.ts'
import { options } from './options.ts'

/** Azure Files. */
export default defineDriver({
  slug: 'azurefiles',
  title: 'Azure Files',
  category: 'object_storage',
  idPrefix: 'bck_',
  options,
  pace: { concurrency: 128 },
  classify,
  connect: async (given, context) => {
    const { connectAzureFiles } = await import('./driver.ts')
    return connectAzureFiles(given, context)
  },
  proof: 'simulator+second-client',
})

export { classify } from './errors.ts'
export { type AzureFilesOptions, options } from './options.ts'
