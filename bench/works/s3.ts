import { randomInt } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDriver, parsePath, requireMethods } from '@filegate/core'
import s3 from '@filegate/driver-s3'
import { independentClient } from '../../packages/driver-s3/src/testing/s3-harness.ts'
import { missingPrograms, type StartedServer } from '../../test/servers/programs.ts'
import { radosgwPrograms, startRadosgw } from '../../test/servers/radosgw.ts'
import { download, firstByte } from '../download.ts'
import { interleaved, median, type Outcome, timed, type Work } from '../measure.ts'
import { startFilegate } from '../peers/filegate.ts'
import { freePort, type Peer, startPeer } from '../processes.ts'

const gibibyte = 1024 ** 3
const smallObjects = 1000
const listedKeys = 10_000
const lanes = 16
const rangedReads = 200
const rangeSize = 64 * 1024

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
  ])
}

interface Reader {
  readonly url: (key: string) => string
}

const random = (): string => {
  const start = randomInt(gibibyte - rangeSize)
  return `bytes=${start}-${start + rangeSize - 1}`
}

/** The works that a server does, each in milliseconds. */
const works = {
  'first byte of a small object over S3': async ({ url }: Reader) =>
    median(await inTurn(50, (index) => firstByte(url(`small/${index}`)))),
  '1 GiB over S3': ({ url }: Reader) => download(url('large.bin')),
  '1,000 small objects over S3': ({ url }: Reader) =>
    timed(() => together(smallObjects, (index) => download(url(`small/${index}`)))),
  '200 ranges at random offsets over S3': ({ url }: Reader) =>
    timed(() => together(rangedReads, () => download(url('large.bin'), { range: random() }))),
  'listing of 10,000 keys over S3': ({ url }: Reader) => download(url('many/')),
} satisfies Record<string, (reader: Reader) => Promise<number>>

async function inTurn(count: number, action: (index: number) => Promise<number>): Promise<number[]> {
  const values: number[] = []
  for (let index = 0; index < count; index++) values.push(await action(index))
  return values
}

async function drain(client: Client, key: string, range?: string): Promise<void> {
  const { Body: body } = await client.getObject({ Bucket: bucket, Key: key, ...(range ? { Range: range } : {}) })
  if (!body || !('on' in body)) throw new Error('no body')
  await new Promise((resolve, reject) => body.on('error', reject).on('end', resolve).resume())
}

/** The same reads by the vendor's library alone. */
const bare: Partial<Record<keyof typeof works, (client: Client) => Promise<number>>> = {
  '1 GiB over S3': (client) => timed(() => drain(client, 'large.bin')),
  '1,000 small objects over S3': (client) =>
    timed(() => together(smallObjects, (index) => drain(client, `small/${index}`))),
  '200 ranges at random offsets over S3': (client) =>
    timed(() => together(rangedReads, () => drain(client, 'large.bin', random()))),
}

export const s3Work: Work = {
  name: 's3',
  async run(rounds) {
    const reason = missingPrograms({ ...radosgwPrograms, rclone: 'rclone' })
    if (reason) return [{ work: 'reading over S3', skipped: reason }]
    const server = await startRadosgw()
    const client = independentClient(server)
    const peers: Peer[] = []
    try {
      await seed(server, client)
      const state = mkdtempSync(join(tmpdir(), 'filegate-bench-state-'))
      const ours = await startFilegate(state, { flags: ['--allow-remote', '--data-dir', `${state}-data`] })
      peers.push(ours)
      const id = await connectFilegate(ours, server)
      const rclone = await startRclone(server)
      peers.push(rclone)
      return await compare(rounds, client, {
        ours: { url: (key) => `${ours.origin}/api/v1/files/${bucket}/${key}?backend=${id}` },
        rclone: { url: (key) => `${rclone.origin}/${key}` },
      })
    } finally {
      client.destroy()
      await Promise.all(peers.map((peer) => peer.stop()))
      await server.stop()
    }
  },
}

async function compare(rounds: number, client: Client, readers: { ours: Reader; rclone: Reader }): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [work, run] of Object.entries(works)) {
    const alone = bare[work as keyof typeof works]
    const measurements: Record<string, () => Promise<number>> = {
      ours: () => run(readers.ours),
      rclone: () => run(readers.rclone),
    }
    if (alone) measurements['bare'] = () => alone(client)
    const medians = await interleaved(rounds, measurements)
    const of = (name: string): number => medians[name] ?? Number.NaN
    const common = { work, ours: of('ours'), unit: 'ms', better: 'lower' } as const
    outcomes.push({ ...common, peer: 'rclone serve http', theirs: of('rclone'), floor: 1, reach: 0.8 })
    if (alone) outcomes.push({ ...common, peer: 'the SDK alone', theirs: of('bare'), floor: 1.25, reach: 1.1 })
  }
  return outcomes
}
