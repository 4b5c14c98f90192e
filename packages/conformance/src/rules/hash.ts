import { hashAlgorithms } from '@filegate/core'
import { expect } from 'vitest'
import { expectRejection } from '../ask.ts'
import { digestOf } from '../digest-of.ts'
import { paths, sampleBytes, sizedPath, sizes } from '../gallery.ts'
import { rule } from '../rule.ts'

export const hashRules = [
  rule('hash is the digest of the bytes in lower-case hexadecimal', { needs: ['hash'] }, async (driver) => {
    for (const algorithm of driver.traits.hashes) {
      for (const size of sizes) {
        expect(await driver.hash(sizedPath(size), { algorithm })).toBe(digestOf(sampleBytes(size), algorithm))
      }
    }
  }),
  rule(
    'hash by an algorithm that the storage does not know rejects with Unsupported',
    { needs: ['hash'] },
    async (driver) => {
      const unknown = hashAlgorithms.find((algorithm) => !driver.traits.hashes.includes(algorithm))
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
