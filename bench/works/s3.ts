import { randomInt } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDriver, parsePath, requireMethods } from '@filegate/core'
import s3 from '@filegate/driver-s3'
import { independentClient, plainClient } from '../../packages/driver-s3/src/testing/s3-harness.ts'
import { missingPrograms, type StartedServer } from '../../test/servers/programs.ts'
import { radosgwPrograms, startRadosgw } from '../../test/servers/radosgw.ts'
import { download } from '../download.ts'
import { interleaved, median, type Outcome, timed, type Work } from '../measure.ts'
import { startFilegate } from '../peers/filegate.ts'
import { freePort, type Peer, startPeer } from '../processes.ts'
import { type Arrival, rawClient } from '../raw-client.ts'

const gibibyte = 1024 ** 3
const smallObjects = 1000
const listedKeys = 10_000
const lanes = 16
const rangedReads = 200
const rangeSize = 64 * 1024
const firstBytes = 50
/** Milliseconds that filegate, and rclone as it is started here, take a listing for good. */
const freshness = 5000

type Client = ReturnType<typeof independentClient>
const bucket = 'bench'

/** Runs `action` for 0 to `count` - 1, so many at a time. */
async function together(count: number, action: (index: number) => Promise<unknown>): Promise<void> {
  const indexes = Array.from({ length: count }, (_, index) => index).values()
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const index of indexes) await action(index)
    }),
  )
}

async function seed(server: StartedServer, client: Client): Promise<void> {
  await client.createBucket({ Bucket: bucket })
  await together(smallObjects, (index) =>
    client.putObject({ Bucket: bucket, Key: `small/${index}`, Body: Buffer.alloc(4096, index) }),
  )
  await together(listedKeys, (index) => client.putObject({ Bucket: bucket, Key: `many/${index}.txt`, Body: 'x' }))
  const { endpoint, key, secret } = server
  const driver = await openDriver(s3, { provider: 'Ceph', endpoint, access_key_id: key, secret_access_key: secret })
  const piece = Buffer.alloc(1024 * 1024, 'filegate')
  const body = ReadableStream.from(
    (function* () {
      for (let sent = 0; sent < gibibyte; sent += piece.length) yield piece
    })(),
  )
  await requireMethods(driver, 'write').write(parsePath(`${bucket}/large.bin`), { body, size: gibibyte })
  await driver.close?.()
}

async function connectFilegate(peer: Peer, { endpoint, key, secret }: StartedServer): Promise<string> {
  const response = await fetch(`${peer.origin}/api/v1/backends/s3`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ provider: 'Ceph', endpoint, access_key_id: key, secret_access_key: secret }),
  })
  const answer: unknown = await response.json()
  const id = /"id":"([^"]+)"/.exec(JSON.stringify(answer))?.[1]
  if (!id) throw new Error(`filegate did not connect: ${JSON.stringify(answer)}`)
  return id
}

async function startRclone({ endpoint, key, secret }: StartedServer): Promise<Peer> {
  const port = await freePort()
  const remote = `:s3,provider=Ceph,access_key_id=${key},secret_access_key=${secret},endpoint="${endpoint}":${bucket}`
  return startPeer('rclone', port, [
    'rclone',
    'serve',
    'http',
    remote,
    '--addr',
    `127.0.0.1:${port}`,
    '--config',
    '/dev/null',
    // As fresh as ours, and with the times of the upload, as ours has them: for others it asks once for each key.
    '--dir-cache-time',
    `${freshness}ms`,
    '--use-server-modtime',
  ])
}

/** Whoever reads what is in the bucket, in milliseconds. */
interface Reader {
  readonly get: (key: string, range?: string) => Promise<Arrival>
  /** All keys below `many/`. */
  readonly list: () => Promise<number>
  close(): void
}

function throughServer({ origin }: Peer, urlOf: (key: string) => string): Reader {
  const client = rawClient(origin)
  return {
    get: (key, range) => client.get(urlOf(key), range),
    list: () => download(`${origin}${urlOf('many/')}`),
    close: () => client.close(),
  }
}

/** The vendor's library alone, used as its manual does, in this process. */
function bySdk(server: StartedServer): Reader {
  const client = plainClient(server)
  return {
    async get(key, range) {
      const start = performance.now()
      const { Body: body } = await client.getObject({ Bucket: bucket, Key: key, ...(range && { Range: range }) })
      if (!body || !('on' in body)) throw new Error('no body')
      let first = 0
      body.once('data', () => (first = performance.now() - start))
      await new Promise((resolve, reject) => body.on('error', reject).on('end', resolve))
      return { first, last: performance.now() - start }
    },
    list: () =>
      timed(async () => {
        let keys = 0
        let from: string | undefined
        do {
          const query = { Bucket: bucket, Prefix: 'many/', Delimiter: '/', ContinuationToken: from }
          const { Contents = [], NextContinuationToken } = await client.listObjectsV2(query)
          keys += Contents.length
          from = NextContinuationToken
        } while (from !== undefined)
        if (keys !== listedKeys) throw new Error(`${keys} keys were listed`)
      }),
    close: () => client.destroy(),
  }
}

const random = (): string => {
  const start = randomInt(gibibyte - rangeSize)
  return `bytes=${start}-${start + rangeSize - 1}`
}

/** The works, each the time that passes until all of it has arrived, or what it says. */
const works = {
  'first byte of a small object over S3': async ({ get }: Reader) => {
    const values: number[] = []
    for (let index = 0; index < firstBytes; index++) values.push((await get(`small/${index}`)).first)
    return median(values)
  },
  '1 GiB over S3': async ({ get }: Reader) => (await get('large.bin')).last,
  '1,000 small objects over S3': ({ get }: Reader) =>
    timed(() => together(smallObjects, (index) => get(`small/${index}`))),
  '200 ranges at random offsets over S3': ({ get }: Reader) =>
    timed(() => together(rangedReads, () => get('large.bin', random()))),
  'listing of 10,000 keys over S3': async ({ list }: Reader) => {
    // Until nothing is remembered, and as long for the library, which remembers nothing: all of them begin from rest.
    await sleep(freshness + 100)
    return list()
  },
} satisfies Record<string, (reader: Reader) => Promise<number>>

/** What the servers do faster the second time, and the library alone does not. */
const repeated = {
  'the same listing again over S3': async ({ list }: Reader) => {
    await list()
    return list()
  },
} satisfies Record<string, (reader: Reader) => Promise<number>>

/**
 * Wall time of the same reads in turn: through filegate and through rclone, by a client in this process that costs next to nothing,
 * and by the vendor's library in this process. All from one server on this machine, so the processors are shared with it.
 */
export const s3Work: Work = {
  name: 's3',
  async run(rounds) {
    const reason = missingPrograms({ ...radosgwPrograms, rclone: 'rclone' })
    if (reason) return [{ work: 'reading over S3', skipped: reason }]
    const server = await startRadosgw()
    const client = independentClient(server)
    const peers: Peer[] = []
    const readers: Reader[] = []
    try {
      await seed(server, client)
      const state = mkdtempSync(join(tmpdir(), 'filegate-bench-state-'))
      const filegate = await startFilegate(state, { flags: ['--allow-remote', '--data-dir', `${state}-data`] })
      peers.push(filegate)
      const id = await connectFilegate(filegate, server)
      const rclone = await startRclone(server)
      peers.push(rclone)
      const ours = throughServer(filegate, (key) => `/api/v1/files/${bucket}/${key}?backend=${id}`)
      const theirs = throughServer(rclone, (key) => `/${key}`)
      const bare = bySdk(server)
      readers.push(ours, theirs, bare)
      // Servers are compared as they are in use, not in their first second.
      for (const { get } of readers) await together(smallObjects, (index) => get(`small/${index}`))
      return [
        ...(await compare(rounds, works, { ours, theirs, bare })),
        ...(await compare(rounds, repeated, { ours, theirs })),
      ]
    } finally {
      client.destroy()
      for (const reader of readers) reader.close()
      await Promise.all(peers.map((peer) => peer.stop()))
      await server.stop()
    }
  },
}

interface Readers {
  readonly ours: Reader
  readonly theirs: Reader
  readonly bare?: Reader
}

async function compare(
  rounds: number,
  works: Readonly<Record<string, (reader: Reader) => Promise<number>>>,
  { ours, theirs, bare }: Readers,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [work, run] of Object.entries(works)) {
    const measurements = { ours: () => run(ours), theirs: () => run(theirs), bare: () => (bare ? run(bare) : 0) }
    const medians = await interleaved(rounds, measurements)
    const common = { work, ours: medians.ours, unit: 'ms', better: 'lower' } as const
    outcomes.push({ ...common, peer: 'rclone serve http', theirs: medians.theirs, floor: 1, reach: 0.8 })
    if (bare) outcomes.push({ ...common, peer: 'the SDK alone', theirs: medians.bare, floor: 1.25, reach: 1.1 })
  }
  return outcomes
}
