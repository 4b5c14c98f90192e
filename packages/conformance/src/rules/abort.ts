import { root, type StorageDriver } from '@filegate/core'
import { expect } from 'vitest'
import { drain, expectRejection, readBytes } from '../ask.ts'
import { largest, paths, sizedPath } from '../gallery.ts'
import { type Rule, rule, type Stage } from '../rule.ts'

const asking: readonly ((driver: StorageDriver, signal: AbortSignal) => Promise<unknown> | undefined)[] = [
  (driver, signal) => driver.stat(paths.hello, { signal }),
  (driver, signal) => driver.list(root, { signal }),
  (driver, signal) => driver.read(paths.hello, { signal }),
  (driver, signal) => driver.walk?.(root, { signal }),
  (driver, signal) => driver.hash?.(paths.hello, { algorithm: driver.traits.hashes[0] ?? 'sha256', signal }),
  (driver, signal) => driver.remove?.(paths.hello, { signal }),
]

export const abortRules: readonly Rule[] = [
  rule('a signal that is aborted beforehand rejects with Aborted, on every method', {}, async (driver) => {
    for (const ask of asking) {
      const asked = ask(driver, AbortSignal.abort())
      if (asked) await expectRejection(asked, 'Aborted')
    }
    expect(await driver.stat(paths.hello)).toMatchObject({ kind: 'file' })
  }),
  rule('aborting the signal ends a body that is being read', {}, async (driver, stage) => {
    const controller = new AbortController()
    const { body } = await driver.read(sizedPath(largest), { signal: controller.signal })
    const reader = body.getReader()
    expect((await reader.read()).done).toBe(false)
    controller.abort()
    await expectRejection(drain(reader), 'Aborted')
    await expectNothingOpen(stage)
  }),
  rule('aborting the signal ends a body that nobody has begun to read', {}, async (driver, stage) => {
    const controller = new AbortController()
    const { body } = await driver.read(sizedPath(largest), { signal: controller.signal })
    controller.abort()
    await expectRejection(drain(body.getReader()), 'Aborted')
    await expectNothingOpen(stage)
  }),
  rule('cancelling a body ends the work behind it', {}, async (driver, stage) => {
    const { body } = await driver.read(sizedPath(largest))
    const reader = body.getReader()
    await reader.read()
    await reader.cancel()
    await expectNothingOpen(stage)
    expect((await readBytes(driver, sizedPath(largest))).length).toBe(largest)
  }),
  rule('cancelling a body that nobody has begun to read ends the work behind it', {}, async (driver, stage) => {
    for (let round = 0; round < 10; round++) {
      const { body } = await driver.read(sizedPath(largest))
      await body.cancel()
    }
    await expectNothingOpen(stage)
  }),
  rule('a body that was read to its end leaves nothing open', {}, async (driver, stage) => {
    for (const range of [undefined, { start: 0, end: 100 }, { suffix: 10 }]) {
      await readBytes(driver, sizedPath(largest), { range })
    }
    await expectNothingOpen(stage)
  }),
  rule('a signal aborted after the work is done changes nothing', {}, async (driver) => {
    const controller = new AbortController()
    const { signal } = controller
    const bytes = await readBytes(driver, sizedPath(largest), { signal })
    await driver.stat(paths.hello, { signal })
    controller.abort()
    expect(bytes.length).toBe(largest)
    expect((await readBytes(driver, sizedPath(largest))).length).toBe(largest)
  }),
]

/** Where the harness can tell. Vendors notice the end of a connection a moment later. */
export async function expectNothingOpen({ control }: Stage): Promise<void> {
  if (control.open) await expect.poll(() => control.open?.(), { timeout: 10_000, interval: 20 }).toBe(0)
}
