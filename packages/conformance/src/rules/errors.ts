import { parsePath, type StorageDriver } from '@filegate/core'
import { expect } from 'vitest'
import { bytesOf, expectRejection } from '../ask.ts'
import { paths } from '../gallery.ts'
import { type Rule, rule } from '../rule.ts'

/** Each method that has to find something, asked about nothing. `write` and `makeDirectory` are about what is missing. */
const asking: readonly ((driver: StorageDriver, path: typeof paths.missing) => Promise<unknown> | undefined)[] = [
  (driver, path) => driver.stat(path),
  (driver, path) => driver.list(path),
  (driver, path) => driver.read(path),
  (driver, path) => driver.walk?.(path),
  (driver, path) => driver.hash?.(path, { algorithm: driver.traits.hashes[0] ?? 'sha256' }),
  (driver, path) => driver.revisions?.(path),
  (driver, path) => driver.remove?.(path),
  (driver, path) => driver.copy?.(path, { destination: parsePath('scratch/copy of nothing') }),
  (driver, path) => driver.move?.(path, { destination: parsePath('scratch/move of nothing') }),
  (driver, path) => driver.setModified?.(path, { modified: 0 }),
  (driver, path) => driver.publicLink?.(path),
]

export const errorRules: readonly Rule[] = [
  rule('a missing path rejects with NotFound, on every method', {}, async (driver) => {
    for (const path of [paths.missing, parsePath('no/such/folder'), paths.belowFile]) {
      for (const ask of asking) {
        const asked = ask(driver, path)
        if (asked) await expectRejection(asked, 'NotFound')
      }
    }
  }),
  rule('an error knows its path and is permanent when trying again cannot help', {}, async (driver) => {
    const error = await expectRejection(driver.stat(paths.missing), 'NotFound')
    expect(error.path).toBe(paths.missing)
    expect(error.fate).toBe('permanent')
  }),
  rule('methods reject and never throw', {}, async (driver) => {
    const promises = asking.map((ask) => ask(driver, paths.missing)).filter((asked) => asked !== undefined)
    for (const outcome of await Promise.allSettled(promises)) expect(outcome.status).toBe('rejected')
  }),
  rule('an error leaves the driver usable', {}, async (driver) => {
    for (let round = 0; round < 20; round++) await expectRejection(driver.read(paths.missing), 'NotFound')
    const { body } = await driver.read(paths.hello)
    expect((await new Response(body).bytes()).length).toBe(bytesOf('Hello, world!\n').length)
  }),
]
