import { statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { largeFile, longLog, wideFolder } from '../data.ts'
import { download } from '../download.ts'
import { hasProgram, interleaved, type Outcome, timedProgram, type Work } from '../measure.ts'
import { startFilegate } from '../peers/filegate.ts'
import { startNginx } from '../peers/nginx.ts'
import { startRclone } from '../peers/rclone.ts'

/** Makes what is remembered of a file worthless, so that the work is done again. */
function touch(path: string): void {
  const { atime, mtimeMs } = statSync(path)
  utimesSync(path, atime, (mtimeMs + 1000) / 1000)
}

export const listingWork: Work = {
  name: 'listing',
  async run(rounds) {
    const work = 'JSON listing of 50,000 entries'
    if (!hasProgram('nginx') || !hasProgram('rclone')) return [{ work, skipped: 'nginx or rclone is not installed' }]
    const folder = wideFolder()
    const [ours, nginx, rclone] = [await startFilegate(folder), await startNginx(folder), await startRclone(folder)]
    try {
      const medians = await interleaved(rounds, {
        ours: () => download(`${ours.origin}/api/v1/files/`),
        nginx: () => download(`${nginx.origin}/`),
        rclone: () => download(`${rclone.origin}/`),
      })
      const common = { work, ours: medians.ours, unit: 'ms', better: 'lower' } as const
      return [
        { ...common, peer: 'nginx autoindex json', theirs: medians.nginx, floor: 2, reach: 1.4 },
        { ...common, peer: 'rclone', theirs: medians.rclone, floor: 0.25, reach: 0.15 },
      ]
    } finally {
      await Promise.all([ours.stop(), nginx.stop(), rclone.stop()])
    }
  },
}

export const hashWork: Work = {
  name: 'hash',
  async run(rounds) {
    const work = 'SHA-256 of 2 GiB, first time'
    if (!hasProgram('openssl')) return [{ work, skipped: 'openssl is not installed' }]
    const folder = largeFile()
    const file = join(folder, 'g2.bin')
    const ours = await startFilegate(folder)
    try {
      const medians = await interleaved(rounds, {
        ours: () => {
          touch(file)
          return download(`${ours.origin}/g2.bin?hash`)
        },
        openssl: () => timedProgram('openssl', ['dgst', '-sha256', file]),
      })
      return [
        {
          work,
          peer: 'openssl dgst',
          ours: medians.ours,
          theirs: medians.openssl,
          unit: 'ms',
          better: 'lower',
          floor: 1.1,
          reach: 0.95,
        },
      ]
    } finally {
      await ours.stop()
    }
  },
}

export const linesWork: Work = {
  name: 'lines',
  async run(rounds) {
    const folder = longLog()
    const file = join(folder, 'long.log')
    const ours = await startFilegate(folder)
    try {
      const medians = await interleaved(rounds, {
        ours: () => {
          touch(file)
          return download(`${ours.origin}/long.log?lines=50000000-50000100`)
        },
        again: () => download(`${ours.origin}/long.log?lines=50000000-50000100`),
        sed: () => timedProgram('sed', ['-n', '50000000,50000100p;50000100q', file]),
      })
      const common = { peer: 'sed', theirs: medians.sed, unit: 'ms', better: 'lower' } as const
      const outcomes: Outcome[] = [
        { work: 'lines 50,000,000 to 50,000,100 of 4 GiB', ours: medians.ours, floor: 0.25, reach: 0.15, ...common },
        { work: 'the same lines, asked for again', ours: medians.again, floor: 0.25, reach: 0.01, ...common },
      ]
      return outcomes
    } finally {
      await ours.stop()
    }
  },
}
