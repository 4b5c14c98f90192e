import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { largeFile, longLog, manyFiles, wideFolder } from '../data.ts'
import { download } from '../download.ts'
import { median, type Outcome, timed, type Work } from '../measure.ts'
import { startFilegate } from '../peers/filegate.ts'
import type { Peer } from '../processes.ts'

/** Megabytes of memory of the server and what it started. */
function resident({ pid }: Peer): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}

/** The most memory that the server holds while `action` runs. */
async function peak(peer: Peer, action: () => Promise<unknown>): Promise<number> {
  let most = resident(peer)
  const timer = setInterval(() => (most = Math.max(most, resident(peer))), 20)
  await action()
  clearInterval(timer)
  return most
}

/** Reads for two seconds, 64 KiB every 10 ms, and goes away. */
function slowDownload(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      response.pause()
      const reading = setInterval(() => response.read(65_536), 10)
      setTimeout(() => {
        clearInterval(reading)
        request.destroy()
        resolve()
      }, 2000)
    })
    request.once('error', reject)
  })
}

/** Start, idle memory, and how much more it takes while working. */
export const footprintWork: Work = {
  name: 'footprint',
  async run(rounds) {
    if (process.platform !== 'linux') return [{ work: 'footprint', skipped: 'it is read from /proc' }]
    const starts: number[] = []
    const idle: number[] = []
    for (let round = 0; round < rounds; round++) {
      let peer: Peer | undefined
      starts.push(
        await timed(async () => {
          peer = await startFilegate(largeFile())
          await download(`${peer.origin}/api/v1/files/health`)
        }),
      )
      if (peer) idle.push(resident(peer))
      await peer?.stop()
    }
    const bound = (work: string, ours: number, theirs: number, unit: string): Outcome => ({
      work,
      peer: `${theirs} ${unit}`,
      ours,
      theirs,
      unit,
      better: 'lower',
      floor: 1,
      reach: 0.75,
    })
    return [
      bound('start to first answer', median(starts), 400, 'ms'),
      bound('resident memory when idle', median(idle), 90, 'MB'),
      ...(await growth(bound)),
    ]
  },
}

type Bound = (work: string, ours: number, theirs: number, unit: string) => Outcome

async function growth(bound: Bound): Promise<Outcome[]> {
  const works: [string, string, string][] = [
    ['a slow download of 4 GiB', longLog(), '/long.log'],
    ['a zip of 4 GiB', longLog(), '/?zip'],
    ['hashing 4 GiB', longLog(), '/long.log?hash'],
    ['grep in 100,000 files', manyFiles(), '/api/v1/files/?grep=veryRareNeedle'],
    ['a zip of 100,000 files', manyFiles(), '/?zip'],
    ['a listing of 50,000 entries', wideFolder(), '/api/v1/files/'],
    ['ten searches for 10,000 names', manyFiles(), '/api/v1/files/?glob=**/*.d.ts&max_results=10000'],
  ]
  const outcomes: Outcome[] = []
  for (const [work, folder, path] of works) {
    const peer = await startFilegate(folder)
    await download(`${peer.origin}/api/v1/files/health`)
    const before = resident(peer)
    const times = work.startsWith('ten') ? 10 : 1
    const most = await peak(peer, async () => {
      for (let time = 0; time < times; time++)
        await (work.startsWith('a slow') ? slowDownload : download)(peer.origin + path)
    })
    outcomes.push(bound(`memory added by ${work}`, most - before, 64, 'MB'))
    await peer.stop()
  }
  return outcomes
}
