import { describeDriver } from '@filegate/conformance'
import { afterAll, describe, expect, it } from 'vitest'
import { createRegistry } from '../../packages/server/src/backends/registry.ts'
import { forbiddenNames } from '../simulators/vendor-names.ts'
import { type LiveHarness, liveHarness } from './live-harness.ts'
import { readLiveProvider } from './live-provider.ts'

const registry = createRegistry()
const providers = registry.slugs.map((slug) => readLiveProvider(slug, process.env))
const harnesses = new Map<string, LiveHarness>()

for (const provider of providers) {
  if ('reason' in provider) {
    console.info(`Skipped: ${provider.slug}, ${provider.reason}`)
    continue
  }
  const { slug, variable, except } = provider
  const definition = await registry.load(slug)
  const harness = await liveHarness(definition, provider)
  harnesses.set(variable, harness)
  const others = except.map((test) => ({ test, reason: `${variable}_EXCEPT says so` }))
  describeDriver(`${definition.title}, live`, harness, { except: [...forbiddenNames(slug), ...others] })
}

describe('the providers', () => {
  it('are each tested, or skipped for a reason', () => {
    const tested = providers.flatMap((provider) => ('reason' in provider ? [] : [provider.variable]))
    expect([...harnesses.keys()]).toEqual(tested)
    expect(providers.every((provider) => !('reason' in provider) || provider.reason !== '')).toBe(true)
  })
})

afterAll(() => {
  for (const [variable, { isRenewed }] of harnesses) {
    if (!isRenewed) continue
    console.info(
      `The vendor renewed the token of ${variable} meanwhile. The new one is written nowhere. Where a renewal ends the token before ` +
        `(OneDrive does that after a while), get another with 'filegate authorize' and put it into ${variable}.`,
    )
  }
})
