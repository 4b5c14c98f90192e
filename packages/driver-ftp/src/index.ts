import { defineDriver } from '@filegate/core'
import { classify } from './errors.ts'
import { options } from './options.ts'

/** FTP, plain and over TLS. */
export default defineDriver({
  slug: 'ftp',
  title: 'FTP',
  category: 'protocol',
  idPrefix: 'bck_',
  options,
  classify,
  connect: async (given, context) => {
    const { connectFtp } = await import('./driver.ts')
    return connectFtp(given, context)
  },
  proof: 'real-server',
})

export { classify } from './errors.ts'
export { type FtpOptions, options } from './options.ts'
