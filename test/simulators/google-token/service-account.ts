import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

const makePair = promisify(generateKeyPair)

/** The file that Google makes for a key of a service account (cloud.google.com/iam/docs/keys-create-delete). */
export interface ServiceAccountKey {
  readonly type: 'service_account'
  readonly project_id: string
  readonly private_key_id: string
  readonly private_key: string
  readonly client_email: string
  readonly client_id: string
  readonly auth_uri: string
  readonly token_uri: string
  readonly auth_provider_x509_cert_url: string
  readonly client_x509_cert_url: string
  readonly universe_domain: string
}

export interface MadeKey {
  readonly key: ServiceAccountKey
  readonly publicKey: KeyObject
}

/** @param origin of the token simulator: `http://127.0.0.1:port` */
export async function makeServiceAccountKey(origin: string, email: string, projectId: string): Promise<MadeKey> {
  const { privateKey, publicKey } = await makePair('rsa', { modulusLength: 2048 })
  const clientId = String(randomBytes(6).readUIntBE(0, 6)).padStart(21, '1')
  const key: ServiceAccountKey = {
    type: 'service_account',
    project_id: projectId,
    private_key_id: randomBytes(20).toString('hex'),
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    client_email: email,
    client_id: clientId,
    auth_uri: `${origin}/o/oauth2/auth`,
    token_uri: `${origin}/token`,
    auth_provider_x509_cert_url: `${origin}/oauth2/v1/certs`,
    client_x509_cert_url: `${origin}/robot/v1/metadata/x509/${encodeURIComponent(email)}`,
    universe_domain: 'googleapis.com',
  }
  return { key, publicKey }
}
