import { createPrivateKey } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
} from '../../../packages/driver-azure/src/testing/vendor-clients.ts'
import { selfSigned } from '../../e2e/self-signed.ts'
import { type Entra, startEntra } from './start-entra.ts'
import { type Claims, readToken, signToken } from './json-web-token.ts'

const scope = 'https://storage.azure.com/.default'
const withSecret = { clientId: 'app-with-secret', secret: 'a secret' }
const registered = selfSigned('rsa')
const other = selfSigned('rsa')
const withCertificate = { clientId: 'app-with-certificate', certificates: [registered.certificate] }
const withChain = { clientId: 'app-with-chain', certificates: [registered.certificate], needsChain: true }
const workloads = selfSigned('rsa')
const federated = {
  clientId: 'app-of-workload',
  federated: { issuer: 'https://cluster', subject: 'system:serviceaccount:a:b', publicKey: workloads.certificate },
}
const machine = { clientId: 'client-1', objectId: 'object-1', resourceId: '/resource/1', ofSystem: true }
const assigned = { clientId: 'client-2', objectId: 'object-2', resourceId: '/resource/2' }

let entra: Entra
const usual = getCACertificates('default')

beforeAll(async () => {
  entra = await startEntra({
    applications: [withSecret, withCertificate, withChain, federated],
    users: [
      { name: 'ann@contoso.com', password: 'right' },
      { name: 'bob@contoso.com', password: 'right', needsSecondFactor: true },
    ],
    identities: [machine, assigned],
    domains: ['contoso.com'],
  })
  setDefaultCACertificates([...usual, entra.certificate])
})
afterEach(() => vi.unstubAllEnvs())
afterAll(async () => {
  setDefaultCACertificates(usual)
  await entra.close()
})

const options = () => ({
  authorityHost: entra.authority,
  disableInstanceDiscovery: true,
  retryOptions: { maxRetries: 0 },
})
const claimsOf = (token: string): Claims => readToken(token)?.claims ?? {}

describe("Microsoft's client for JavaScript", () => {
  it('gets a token with a secret, which the simulator knows as its own', async () => {
    const credential = new ClientSecretCredential(entra.tenant, withSecret.clientId, withSecret.secret, options())
    const { token } = await credential.getToken(scope)
    expect(claimsOf(token)).toMatchObject({ aud: 'https://storage.azure.com', appid: 'app-with-secret', appidacr: '1' })
    expect(entra.checkToken(token)).toBeUndefined()
  })
})
