import { S3, type S3ClientConfig } from '@aws-sdk/client-s3'
import type { Control, Harness } from '@filegate/conformance'
import { openDriver, type OpenContext } from '@filegate/core'
import definition from '../index.ts'

export interface S3Service {
  readonly endpoint: string
  readonly key: string
  readonly secret: string
}

/** The vendor's library as it is when nobody has settled anything. */
export function plainClient({ endpoint, key, secret }: S3Service, settings: S3ClientConfig = {}): S3 {
  const credentials = { accessKeyId: key, secretAccessKey: secret }
  return new S3({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials, ...settings })
}

/** A client that is not the driver's, to look at the vendor's side. */
export const independentClient = (service: S3Service): S3 =>
  plainClient(service, { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' })

export const attempts = 3

export interface S3HarnessOptions {
  /** What the driver connects to, where that is not the service itself. */
  readonly endpoint?: string | undefined
  /** The only bucket; without it the top directories are buckets. */
  readonly bucket?: string | undefined
  readonly options?: Readonly<Record<string, unknown>> | undefined
  readonly control?: Control | undefined
  /** Keep all versions of what is written. */
  readonly versioned?: boolean | undefined
  readonly siblings?: number | undefined
  close?(): Promise<void>
}

/** Seeds a service with a client of its own, and connects the driver. */
export function s3Harness(service: S3Service, harness: S3HarnessOptions): Harness {
  const { bucket, versioned, control, endpoint = service.endpoint } = harness
  const client = independentClient(service)
  return {
    siblings: harness.siblings,
    async seed(seeds) {
      const buckets = new Set(
        seeds.filter(({ kind }) => kind === 'file').map(({ path }) => bucket ?? path.slice(0, path.indexOf('/'))),
      )
      for (const name of buckets) {
        await client.createBucket({ Bucket: name })
        if (versioned) {
          await client.putBucketVersioning({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } })
        }
      }
      const files = seeds.filter((seed) => seed.kind === 'file').values()
      const lanes = Array.from({ length: 16 }, async () => {
        for (const { path, bytes } of files) {
          const slash = path.indexOf('/')
          const place =
            bucket === undefined
              ? { Bucket: path.slice(0, slash), Key: path.slice(slash + 1) }
              : { Bucket: bucket, Key: path }
          await client.putObject({ ...place, Body: bytes })
        }
      })
      await Promise.all(lanes)
    },
    connect: () =>
      connectTo({ ...service, endpoint: bucket === undefined ? endpoint : `${endpoint}/${bucket}` }, harness.options, {
        retries: { attempts, firstDelay: 20 },
      }),
    async close() {
      client.destroy()
      await harness.close?.()
    },
    control: control && { ...control, attempts },
  }
}

/** Names as the vendor has them, for the suite is about the driver and not about how users see names. */
const bare = { ...definition, names: 'untouched' as const }

export function connectTo(
  { endpoint, key, secret }: S3Service,
  options: Readonly<Record<string, unknown>> = {},
  context: OpenContext = {},
) {
  return openDriver(bare, { endpoint, access_key_id: key, secret_access_key: secret, ...options }, context)
}
