import { largeFile, smallFiles } from '../data.ts'
import { megabytesPerSecond, requestsPerSecond } from '../load.ts'
import { hasProgram, interleaved, type Outcome, type Work } from '../measure.ts'
import { startFilegate } from '../peers/filegate.ts'
import { startNginx } from '../peers/nginx.ts'
import { startRclone } from '../peers/rclone.ts'

const missing = (...programs: string[]): string | undefined => programs.find((program) => !hasProgram(program))

/** Small and medium files over kept connections; the servers share one core, the load has the other. */
export const smallFilesWork: Work = {
  name: 'small',
  async run(rounds) {
    const absent = missing('nginx', 'rclone', 'wrk')
    if (absent) return [{ work: 'small files', skipped: `${absent} is not installed` }]
    const folder = smallFiles()
    const [ours, nginx, rclone] = [
      await startFilegate(folder, { processors: '0' }),
      await startNginx(folder, { processors: '0' }),
      await startRclone(folder, { processors: '0' }),
    ]
    try {
      const rate = (origin: string, file: string) => () =>
        requestsPerSecond(`${origin}/${file}`, { seconds: 2, processors: '1' })
      const outcomes: Outcome[] = []
      for (const [file, title] of [
        ['k1.txt', '1 KiB'],
        ['k16.bin', '16 KiB'],
        ['m1.bin', '1 MiB'],
      ] as const) {
        const medians = await interleaved(rounds, {
          ours: rate(ours.origin, file),
          nginx: rate(nginx.origin, file),
          rclone: rate(rclone.origin, file),
        })
        const against = (peer: 'nginx' | 'rclone', floor: number, reach: number): Outcome => ({
          work: `${title} file, 64 connections, one core`,
          peer,
          ours: medians.ours,
          theirs: medians[peer],
          unit: 'requests/s',
          better: 'higher',
          floor,
          reach,
        })
        if (file === 'm1.bin') outcomes.push(against('nginx', 0.95, 1.5))
        else
          outcomes.push(
            against('nginx', file === 'k1.txt' ? 0.45 : 0.4, file === 'k1.txt' ? 0.7 : 0.65),
            against('rclone', 5, 10),
          )
      }
      return outcomes
    } finally {
      await Promise.all([ours.stop(), nginx.stop(), rclone.stop()])
    }
  },
}

/** Two processes each, all sharing the machine with the load. */
export const twoCoresWork: Work = {
  name: 'workers',
  async run(rounds) {
    const work = '1 KiB file, 64 connections, two processes'
    const absent = missing('nginx', 'wrk')
    if (absent) return [{ work, skipped: `${absent} is not installed` }]
    const folder = smallFiles()
    const ours = await startFilegate(folder, { flags: ['--workers', '2'] })
    const nginx = await startNginx(folder, { workers: 2 })
    try {
      const rate = (origin: string) => () => requestsPerSecond(`${origin}/k1.txt`, { seconds: 3 })
      const medians = await interleaved(rounds, { ours: rate(ours.origin), nginx: rate(nginx.origin) })
      const { ours: mine, nginx: theirs } = medians
      return [
        {
          work,
          peer: 'nginx, 2 workers',
          ours: mine,
          theirs,
          unit: 'requests/s',
          better: 'higher',
          floor: 0.6,
          reach: 0.85,
        },
      ]
    } finally {
      await Promise.all([ours.stop(), nginx.stop()])
    }
  },
}

/** One download of 2 GiB, through buffers and through the system call. */
export const largeFileWork: Work = {
  name: 'large',
  async run(rounds) {
    const work = '2 GiB file'
    const absent = missing('nginx')
    if (absent) return [{ work, skipped: `${absent} is not installed` }]
    if (process.platform !== 'linux') return [{ work, skipped: 'the discarding client needs Linux' }]
    const folder = largeFile()
    const linux = await startFilegate(folder, { processors: '0' })
    const portable = await startFilegate(folder, { processors: '0', flags: ['--no-sendfile'] })
    const nginx = await startNginx(folder, { processors: '0' })
    try {
      const speed = (origin: string) => () => megabytesPerSecond(`${origin}/g2.bin`, '1')
      const medians = await interleaved(rounds, {
        linux: speed(linux.origin),
        portable: speed(portable.origin),
        nginx: speed(nginx.origin),
      })
      const common = { peer: 'nginx', theirs: medians.nginx, unit: 'MB/s', better: 'higher' } as const
      return [
        { work: `${work}, portable path`, ours: medians.portable, floor: 0.75, reach: 0.9, ...common },
        { work: `${work}, Linux path`, ours: medians.linux, floor: 1, reach: 1.3, ...common },
      ]
    } finally {
      await Promise.all([linux.stop(), portable.stop(), nginx.stop()])
    }
  },
}
