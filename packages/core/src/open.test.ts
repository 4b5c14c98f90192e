import { describe, expect, it } from 'vitest'
import type { ConnectContext } from './define.ts'
import { defineDriver } from './define.ts'
import { StorageError } from './error.ts'
import { memory } from './memory.ts'
import { open, openDriver } from './open.ts'
import { credentialsFile, encoding, flag, requiredText, secretText, strictOptions } from './options/index.ts'
import { parsePath } from './path.ts'
import { Storage } from './storage.ts'

const given: { options: unknown; context: ConnectContext }[] = []

const definition = defineDriver({
  slug: 'demo',
  title: 'Demo Cloud',
  category: 'cloud',
  idPrefix: 'bnd_demo_',
  options: strictOptions({
    user: requiredText(),
    pass: secretText(),
    old: flag().prefault(false).meta({ deprecated: true }),
    encoding: encoding(57_386_894),
  }),
  pace: { perSecond: 100 },
  classify: (error) => (error instanceof RangeError ? 'Unauthenticated' : undefined),
  async connect(options, context) {
    given.push({ options, context })
    if (options.pass === 'wrong') throw new RangeError('no such user')
    return memory({ 'why？': options.user })
  },
  proof: 'simulator',
})

describe('opening a driver', () => {
  it('hands checked options with their defaults to connect, and puts the layers on', async () => {
    const driver = await openDriver(definition, { user: 'ada' })
    expect(given.at(-1)?.options).toEqual({ user: 'ada', pass: '', old: false, encoding: 57_386_894 })
    expect(await driver.stat(parsePath('why?'))).toMatchObject({ path: 'why?' })
  })

  it('gives the facade', async () => {
    const storage = await open(definition, { user: 'ada' })
    expect(storage).toBeInstanceOf(Storage)
    expect(await storage.text('why?')).toBe('ada')
  })

  it('refuses wrong options before it connects, naming each', async () => {
    const before = given.length
    const wrong: object = { pass: 1, usr: 'x' }
    // @ts-expect-error a user of plain JavaScript can pass anything
    await expect(openDriver(definition, wrong)).rejects.toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringMatching(/user: is required.*pass: must be text.*usr: there is no such option/),
    })
    expect(given).toHaveLength(before)
  })

  it('classifies what connecting ends in', async () => {
    await expect(openDriver(definition, { user: 'ada', pass: 'wrong' })).rejects.toMatchObject({
      code: 'Unauthenticated',
      provider: 'demo',
      operation: 'connect',
    })
  })

  it('warns once of a deprecated option that is used', async () => {
    const warnings: string[] = []
    const log = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message) }
    await openDriver(definition, { user: 'ada' }, { log })
    expect(warnings).toEqual([])
    await openDriver(definition, { user: 'ada', old: true }, { log })
    expect(warnings).toEqual(['The option old of demo is deprecated.'])
  })

  it('uses the mask that the user gave', async () => {
    const driver = await openDriver(definition, { user: 'ada', encoding: 'Slash,Dot' })
    expect(await driver.stat(parsePath('why？'))).toMatchObject({ name: 'why？' })
  })

  it('leaves the names to a driver that takes care of them', async () => {
    const driver = await openDriver({ ...definition, names: 'untouched' }, { user: 'ada' })
    expect(await driver.stat(parsePath('why？'))).toMatchObject({ name: 'why？' })
  })

  it('shows names in the standard form where the provider has no encoding option', async () => {
    const plain = defineDriver({
      slug: 'plain',
      title: 'Plain',
      category: 'object_storage',
      idPrefix: 'bck_',
      proof: 'simulator',
      options: strictOptions({}),
      connect: async () => memory({ 'line\nbreak': 'x' }),
    })
    const driver = await openDriver(plain, {})
    expect((await driver.list(parsePath(''))).items.map(({ name }) => name)).toEqual(['line␊break'])
  })

  it('closes a driver that connected after the caller had gone', async () => {
    let closed = 0
    const controller = new AbortController()
    const slow = {
      ...definition,
      async connect() {
        controller.abort()
        return { ...memory(), close: async () => void closed++ }
      },
    }
    await expect(openDriver(slow, { user: 'ada' }, { signal: controller.signal })).rejects.toMatchObject({
      code: 'Aborted',
    })
    expect(closed).toBe(1)
  })

  it('lets the pace depend on the options', async () => {
    const asked: unknown[] = []
    const paced = {
      ...definition,
      paceFor(options: unknown) {
        asked.push(options)
        return { concurrency: 1 }
      },
    }
    await openDriver(paced, { user: 'ada' })
    expect(asked).toMatchObject([{ user: 'ada' }])
  })

  it('lets whoever connects decide on files that options name', async () => {
    const seen: unknown[] = []
    const withFile = defineDriver({
      slug: 'demo',
      title: 'Demo Cloud',
      category: 'cloud',
      idPrefix: 'bnd_demo_',
      proof: 'simulator',
      options: strictOptions({ user: requiredText(), key_file: credentialsFile() }),
      async connect(options) {
        seen.push(options.key_file)
        return memory()
      },
    })
    const options = { user: 'ada', key_file: 'key.json' }
    await openDriver(withFile, options, { credentialsFile: async (path) => `/safe/${path}` })
    await openDriver(withFile, options)
    await openDriver(withFile, { user: 'ada' }, { credentialsFile: () => Promise.reject(new Error('not asked')) })
    const refused = openDriver(withFile, options, { credentialsFile: () => Promise.reject(new Error('outside')) })
    await expect(refused).rejects.toThrow('outside')
    expect(seen).toEqual(['/safe/key.json', 'key.json', ''])
  })

  it('lets whoever connects decide on logging in with what the machine has', async () => {
    let connected = 0
    const withEnvironment = defineDriver({
      slug: 'demo',
      title: 'Demo Cloud',
      category: 'cloud',
      idPrefix: 'bnd_demo_',
      proof: 'simulator',
      options: strictOptions({ env_auth: flag().prefault(false).meta({ machineCredentials: true }) }),
      async connect() {
        connected++
        return memory()
      },
    })
    const lendCredentials = () => Promise.reject(new StorageError('InvalidArgument', 'not here'))
    const refused = openDriver(withEnvironment, { env_auth: 'true' }, { lendCredentials })
    await expect(refused).rejects.toThrow('env_auth: not here')
    expect(connected).toBe(0)
    await openDriver(withEnvironment, { env_auth: false }, { lendCredentials })
    await openDriver(withEnvironment, { env_auth: true }, { lendCredentials: async () => {} })
    await openDriver(withEnvironment, { env_auth: true })
    expect(connected).toBe(3)
  })
})
