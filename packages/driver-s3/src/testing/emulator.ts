import { startFauxqs } from 'fauxqs'
import { independentClient } from './s3-harness.ts'

/** An S3 emulator of its own, for tests outside this package. */
export interface Emulator {
  readonly port: number
  put(bucket: string, key: string, bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** With these buckets. Any key and secret will do. */
export async function startEmulator(...buckets: readonly string[]): Promise<Emulator> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  const client = independentClient({ endpoint: `http://127.0.0.1:${server.port}`, key: 'any', secret: 'any' })
  for (const Bucket of buckets) await client.createBucket({ Bucket })
  return {
    port: server.port,
    async put(bucket, key, bytes) {
      await client.putObject({ Bucket: bucket, Key: key, Body: bytes })
    },
    async close() {
      client.destroy()
      await server.stop()
    },
  }
}
