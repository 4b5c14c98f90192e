import { defineDriver } from '@filegate/core'
import { classify } from './errors.ts'
import { oauthFlow } from './oauth-flow.ts'
import { options } from './options.ts'

/** OneDrive, of persons and organizations, and libraries of SharePoint. */
export default defineDriver({
  slug: 'onedrive',
  title: 'OneDrive',
  category: 'cloud',
  idPrefix: 'bnd_onedrive_',
  options,
  pace: { concurrency: 32 },
  classify,
  oauth: oauthFlow,
  connect: async (given, context) => {
    const { connectOneDrive } = await import('./driver.ts')
    return connectOneDrive(given, context)
  },
  proof: 'simulator+second-client',
})

export { classify } from './errors.ts'
export { type OneDriveOptions, options } from './options.ts'
