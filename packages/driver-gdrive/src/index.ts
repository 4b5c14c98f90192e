import { defineDriver } from '@filegate/core'
import { classify } from './errors.ts'
import { oauth } from './oauth-flow.ts'
import { options } from './options.ts'
import { paceFor } from './pace.ts'

/** Google Drive. */
export default defineDriver({
  slug: 'drive',
  title: 'Google Drive',
  category: 'cloud',
  idPrefix: 'bnd_drive_',
  options,
  paceFor,
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
