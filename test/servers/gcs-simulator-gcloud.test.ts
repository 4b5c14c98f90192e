import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GoogleCloudStorage, startGoogleCloudStorage } from '../simulators/gcs/start-google-cloud-storage.ts'
import { cloudPlatform, type GoogleTokens, startGoogleTokens } from '../simulators/google-token/start-google-tokens.ts'
import { missingPrograms, run } from './programs.ts'

const reason = missingPrograms({ gcloud: 'google-cloud-cli' })
if (reason) console.log(`Skipped: the simulator of Google Cloud Storage judged by gcloud, ${reason}`)

describe.skipIf(reason !== undefined)("the simulator of Google Cloud Storage, judged by the vendor's gcloud", () => {
  let folder: string
  let tokens: GoogleTokens
  let storage: GoogleCloudStorage

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'filegate-gcloud-'))
    tokens = await startGoogleTokens()
    storage = await startGoogleCloudStorage({ findAccount: tokens.findAccount, pageLimit: 3 })
    await writeFile(join(folder, 'token'), tokens.issue('me@example.com', [cloudPlatform]))
  })
  afterEach(async () => {
    await storage.close()
    await tokens.close()
    await rm(folder, { recursive: true })
  })

  const gcloud = (...args: readonly string[]): Promise<string> =>
    run('gcloud', ['storage', ...args], {
      CLOUDSDK_CONFIG: join(folder, 'config'),
      CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${storage.endpoint}/storage/v1/`,
      CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: join(folder, 'token'),
      CLOUDSDK_CORE_PROJECT: 'filegate-test',
      CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
      CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
      CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
    })

  it('everything from making a bucket to removing it works', async () => {
    const content = randomBytes(20 * 1_048_576 + 1)
    const name = 'é #x y'
    await writeFile(join(folder, 'large'), content)
    await writeFile(join(folder, name), 'small\n')
    await gcloud('buckets', 'create', 'gs://bucket', '--location=eu')
    await gcloud('cp', join(folder, 'large'), join(folder, name), 'gs://bucket/d/')
    expect(storage.count('upload.continue')).toBe(1)
    expect((await gcloud('ls', '-r', 'gs://bucket/**')).split('\n').filter(Boolean)).toEqual([
      'gs://bucket/d/large',
      `gs://bucket/d/${name}`,
    ])
    await gcloud('mv', 'gs://bucket/d/large', 'gs://bucket/moved')
    await gcloud('cp', 'gs://bucket/moved', join(folder, 'back'))
    expect((await readFile(join(folder, 'back'))).equals(content)).toBe(true)
    await gcloud('objects', 'compose', 'gs://bucket/moved', 'gs://bucket/moved', 'gs://bucket/composed')
    expect(storage.find('bucket', 'composed')?.content.size).toBe(2 * content.length)
    await gcloud('objects', 'update', 'gs://bucket/composed', '--custom-metadata=k=v')
    expect(storage.find('bucket', 'composed')?.fields.metadata).toEqual({ k: 'v' })
    await gcloud('rm', '-r', 'gs://bucket')
    expect(storage.find('bucket', 'composed')).toBeUndefined()
    expect(storage.requests.filter(({ call }) => call === undefined)).toEqual([])
  })
})
