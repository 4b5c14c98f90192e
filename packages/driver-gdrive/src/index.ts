import { defineDriver } from '@filegate/core'
import { classify } from './errors.ts'
import { oauth } from './oauth-flow.ts'
import { options } from './options.ts'

/** Google Drive. */
export default defineDriver({
  slug: 'drive',
  title: 'Google Drive',
  category: 'cloud',
  idPrefix: 'bnd_drive_',
  options,
  // How often Google is asked is counted by requests, of which an operation may make many: see vendor.ts.
  pace: { concurrency: 64 },
  classify,
  oauth,
  connect: async (given, context) => {
    const { connectDrive } = await import('./driver.ts')
    return connectDrive(given, context)
  },
  proof: 'simulator+second-client',
})

export { classify } from './errors.ts'
export { type DriveOptions, options } from './options.ts'
