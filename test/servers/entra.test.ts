import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selfSigned } from '../e2e/self-signed.ts'
import { type Entra, startEntra } from '../simulators/entra/start-entra.ts'

// The simulator of Microsoft Entra ID, judged by Microsoft's client for Python. That cannot log in users at a port of its
// own, and asks login.microsoftonline.com about authorities; Microsoft's client for JavaScript does the rest.

const execute = promisify(execFile)
const python = '/usr/bin/python3'
const script = new URL('entra-client.py', import.meta.url).pathname
const missing = await execute(python, ['-c', 'import azure.identity']).then(
  () => undefined,
  () => `${python} has no azure.identity (apt-get install python3-azure)`,
)
if (missing) console.log(`Skipped: Microsoft Entra ID by Microsoft's client for Python, ${missing}`)

const aud = 'https://storage.azure.com'

describe.skipIf(missing)("Microsoft's client for Python on the simulator of Microsoft Entra ID", () => {
  const registered = selfSigned('rsa')
  const certificates = [registered.certificate]
  let entra: Entra
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'entra-'))
    entra = await startEntra({
      applications: [
        { clientId: 'application', secret: 'a secret' },
        { clientId: 'with-certificate', certificates },
        { clientId: 'with-chain', certificates, needsChain: true },
      ],
      identities: [
        { clientId: 'client-1', objectId: 'object-1', resourceId: '/resource/1', ofSystem: true },
        { clientId: 'client-2', objectId: 'object-2', resourceId: '/resource/2' },
      ],
    })
    await writeFile(join(folder, 'trusted.pem'), entra.certificate)
    await writeFile(join(folder, 'own.pem'), registered.key + registered.certificate, { mode: 0o600 })
  })
  afterAll(async () => {
    await entra.close()
    await rm(folder, { recursive: true })
  })

  it.each([
    ['the metadata service', () => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: entra.metadata })],
    ['App Service', () => ({ IDENTITY_ENDPOINT: entra.identityEndpoint, IDENTITY_HEADER: entra.identityHeader })],
  ])('logs in with secrets, with certificates, and as the machine by %s', async (_, machine) => {
    const env = { ...process.env, ...machine(), REQUESTS_CA_BUNDLE: join(folder, 'trusted.pem') }
    const own = join(folder, 'own.pem')
    const { stdout } = await execute(python, [script, entra.authority, entra.tenant, own], { env })
    const found: unknown = JSON.parse(stdout)
    expect(found).toEqual({
      secret: [aud, 'application'],
      'wrong secret': 'AADSTS7000215',
      unknown: 'AADSTS700016',
      certificate: [aud, 'with-certificate'],
      'without chain': 'AADSTS700027',
      chain: [aud, 'with-chain'],
      machine: [aud, 'client-1'],
      assigned: [aud, 'client-2'],
    })
  })
})
