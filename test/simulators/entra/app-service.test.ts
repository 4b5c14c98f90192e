import { afterEach, expect, it, vi } from 'vitest'
import { ManagedIdentityCredential } from '../../../packages/driver-azure/src/testing/vendor-clients.ts'
import { readToken } from './json-web-token.ts'
import { type Entra, startEntra } from './start-entra.ts'

// In a file of its own: Microsoft's client decides once in a process where the identity of the machine comes from.

const scope = 'https://storage.azure.com/.default'
let entra: Entra

afterEach(async () => {
  vi.unstubAllEnvs()
  await entra.close()
})

it("gives a token to Microsoft's client for JavaScript, as the identity that it names, with the secret of the header", async () => {
  const identities = ['1', '2'].map((name) => ({
    clientId: `client-${name}`,
    objectId: `object-${name}`,
    resourceId: `/resource/${name}`,
  }))
  entra = await startEntra({ identities })
  vi.stubEnv('IDENTITY_ENDPOINT', entra.identityEndpoint)
  vi.stubEnv('IDENTITY_HEADER', entra.identityHeader)
  const credentials = [
    new ManagedIdentityCredential({ clientId: 'client-2' }),
    new ManagedIdentityCredential({ objectId: 'object-2' }),
    new ManagedIdentityCredential({ resourceId: '/resource/2' }),
  ]
  for (const credential of credentials) {
    const { token } = await credential.getToken(scope)
    expect(readToken(token)?.claims).toMatchObject({ appid: 'client-2' })
  }
})

it('refuses another secret and another version', async () => {
  entra = await startEntra({ identities: [{ clientId: 'client', objectId: 'object', resourceId: '/resource' }] })
  const ask = async (version: string, secret: string) => {
    const query = `api-version=${version}&resource=https://storage.azure.com`
    const headers = { 'X-IDENTITY-HEADER': secret }
    return (await fetch(`${entra.identityEndpoint}?${query}`, { headers })).status
  }
  expect(await ask('2019-08-01', 'another')).toBe(401)
  expect(await ask('2017-09-01', entra.identityHeader)).toBe(400)
  expect(await ask('2019-08-01', entra.identityHeader)).toBe(200)
})
