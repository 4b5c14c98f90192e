import {
  type GoogleCloudStorage,
  startGoogleCloudStorage,
} from '../../../../test/simulators/gcs/start-google-cloud-storage.ts'
import { type GoogleTokens, startGoogleTokens } from '../../../../test/simulators/google-token/start-google-tokens.ts'
import type { GcsService } from './gcs-harness.ts'

export interface SimulatedService extends GcsService {
  readonly storage: GoogleCloudStorage
  readonly tokens: GoogleTokens
}

const scope = 'https://www.googleapis.com/auth/devstorage.full_control'

/** A service of its own with a service account that may do everything in its project. */
export async function startSimulatedService(): Promise<SimulatedService> {
  const tokens = await startGoogleTokens()
  const storage = await startGoogleCloudStorage({ findAccount: (token) => tokens.findAccount(token) })
  const key = await tokens.addServiceAccount('robot')
  const authorization = `Bearer ${tokens.issue(key.client_email, [scope])}`

  return {
    storage,
    tokens,
    endpoint: storage.endpoint,
    options: { service_account_credentials: JSON.stringify(key), project_number: '123456789012' },
    async makeBucket(name) {
      storage.addBucket({ name, versioning: { enabled: true } })
    },
    async put(bucket, key, bytes) {
      const query = new URLSearchParams({ uploadType: 'media', name: key })
      const response = await fetch(`${storage.endpoint}/upload/storage/v1/b/${bucket}/o?${query.toString()}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/octet-stream' },
        body: new Uint8Array(bytes),
      })
      if (!response.ok) throw new Error(`The seed was refused: ${response.status} ${await response.text()}`)
      await response.arrayBuffer()
    },
    async close() {
      await storage.close()
      await tokens.close()
    },
  }
}
