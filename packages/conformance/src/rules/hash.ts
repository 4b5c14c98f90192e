import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { expectRejection } from '../ask.ts'
import { paths, sampleBytes, sizedPath, sizes } from '../gallery.ts'
import { rule, type Stage } from '../rule.ts'

const computable = ['sha256', 'sha1', 'md5'] as const

const noKnownHash = ({ driver }: Stage): string | undefined =>
  computable.some((algorithm) => driver.traits.hashes.includes(algorithm)) ? undefined : 'the storage hashes otherwise'

export const hashRules = [
  rule(
    'hash is the digest of the bytes in lower-case hexadecimal',
    { needs: ['hash'], unless: noKnownHash },
    async (driver) => {
      for (const algorithm of computable.filter((algorithm) => driver.traits.hashes.includes(algorithm))) {
        for (const size of sizes) {
          const digest = createHash(algorithm).update(sampleBytes(size)).digest('hex')
          expect(await driver.hash(sizedPath(size), { algorithm })).toBe(digest)
        }
      }
    },
  ),
  rule(
    'hash by an algorithm that the storage does not know rejects with Unsupported',
    { needs: ['hash'] },
    async (driver) => {
      const unknown = [...computable, 'crc32c' as const].find((algorithm) => !driver.traits.hashes.includes(algorithm))
      if (unknown) await expectRejection(driver.hash(paths.hello, { algorithm: unknown }), 'Unsupported')
    },
  ),
  rule('hash of a directory rejects with IsADirectory', { needs: ['hash'] }, async (driver) => {
    const [algorithm = 'sha256'] = driver.traits.hashes
    await expectRejection(driver.hash(paths.nested, { algorithm }), 'IsADirectory')
  }),
  rule('hash of a missing path rejects with NotFound', { needs: ['hash'] }, async (driver) => {
    const [algorithm = 'sha256'] = driver.traits.hashes
    await expectRejection(driver.hash(paths.missing, { algorithm }), 'NotFound')
  }),
]
