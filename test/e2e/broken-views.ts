import { describe, expect, it } from 'vitest'
import { content, digest, type Seen, type ThroughFaults } from './through-faults.ts'

const lines = content.toString().split('\n')

/** A view of the folder, and whether a body is all of it. */
interface Viewed {
  /** Below `folder`. */
  readonly path: string
  readonly range?: string
  readonly isWhole: (body: Buffer) => boolean
  /** Whether a body tells by itself what it lacks. */
  readonly saysWhatIsMissing?: (body: Buffer) => boolean
}

const linesAre =
  (from: number, to: number) =>
  (body: Buffer): boolean =>
    body.toString().trimEnd() === lines.slice(from, to).join('\n')
const missingEntries = 'filegate-errors.txt'

const views: Readonly<Record<string, Viewed>> = {
  'the file': { path: '/file.txt', isWhole: (body) => body.equals(content) },
  'a range': {
    path: '/file.txt',
    range: 'bytes=1000-500000',
    isWhole: (body) => body.equals(content.subarray(1000, 500_001)),
  },
  'the end': { path: '/file.txt', range: 'bytes=-300000', isWhole: (body) => body.equals(content.subarray(-300_000)) },
  'several ranges': {
    path: '/file.txt',
    range: 'bytes=0-9,100000-400000',
    isWhole: (body) => body.includes(content.subarray(100_000, 400_001)),
  },
  'the digest': { path: '/file.txt?hash', isWhole: (body) => body.includes(`"${digest(content)}"`) },
  base64: { path: '/file.txt?base64', isWhole: (body) => body.includes(`"${content.toString('base64')}"`) },
  'some lines': { path: '/file.txt?lines=9000-9500', isWhole: linesAre(8999, 9500) },
  'the last lines': { path: '/file.txt?lines=-3000', isWhole: linesAre(-3001, -1) },
  'what was searched for': {
    path: `?grep=${lines[11_000]?.slice(-30)}`,
    isWhole: (body) => body.includes('"total_matches":1,'),
  },
  'an archive': {
    path: '?zip',
    isWhole: (body) => body.includes('file.txt') && !body.includes(missingEntries),
    saysWhatIsMissing: (body) => body.includes(missingEntries),
  },
}

/** Every view of a file whose answers break. */
export function describeViews({ vendor, proxy, read }: ThroughFaults): void {
  describe.each(Object.entries(views))('over a connection with faults, %s', (_name, view) => {
    const { path, range, isWhole, saysWhatIsMissing = () => false } = view
    const see = (): Promise<Seen> => read(`${vendor().top}folder${path}`, range ? { headers: { range } } : {})

    it('arrives whole, also when every answer is cut once', async () => {
      for (const faults of [[], [{ after: 200_000 }, { after: 150_000, ending: 'end' as const }, { status: 503 }]]) {
        proxy().add(...faults)
        const { status, body } = await see()
        expect([status, body && isWhole(body)]).toEqual([range ? 206 : 200, true])
      }
    })

    it('never looks whole when it is not', async () => {
      for (const faults of [[], [{ after: 0 }], [{ after: 100_000 }], [{ after: 100_000, ending: 'end' as const }]]) {
        proxy().always({ status: 503 })
        proxy().add(...faults)
        const { status, body } = await see()
        const isHonest = body === undefined || status === 503 || isWhole(body) || saysWhatIsMissing(body)
        expect(isHonest, `${faults.length} ${status} ${body?.length}`).toBe(true)
      }
    })
  })
}
