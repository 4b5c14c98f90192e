import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { dataFolder, sourceTree } from '../data.ts'
import { download } from '../download.ts'
import { hasProgram, interleaved, type Outcome, timedProgram, type Work } from '../measure.ts'
import { startFilegate } from '../peers/filegate.ts'

export const zipWork: Work = {
  name: 'zip',
  async run(rounds) {
    const work = 'zip of 20,000 small files'
    if (!hasProgram('zip')) return [{ work, skipped: 'zip is not installed' }]
    const folder = sourceTree()
    const stored = await startFilegate(folder, { flags: ['--compress', 'none'] })
    const deflated = await startFilegate(folder, { flags: ['--compress', 'medium'] })
    try {
      const medians = await interleaved(rounds, {
        stored: () => download(`${stored.origin}/?zip`),
        zipStored: () => timedProgram('zip', ['-q', '-r', '-0', '-', '.'], folder),
        deflated: () => download(`${deflated.origin}/?zip`),
        zipDeflated: () => timedProgram('zip', ['-q', '-r', '-6', '-', '.'], folder),
      })
      const common = { peer: 'zip', unit: 'ms', better: 'lower' } as const
      return [
        { work: `${work}, stored`, ours: medians.stored, theirs: medians.zipStored, floor: 1.3, reach: 1, ...common },
        {
          work: `${work}, deflated`,
          ours: medians.deflated,
          theirs: medians.zipDeflated,
          floor: 1.1,
          reach: 0.95,
          ...common,
        },
      ] satisfies Outcome[]
    } finally {
      await Promise.all([stored.stop(), deflated.stop()])
    }
  },
}

export const previewWork: Work = {
  name: 'preview',
  async run(rounds) {
    const work = 'preview of a zip with 20,000 entries'
    if (!hasProgram('zip')) return [{ work, skipped: 'zip is not installed' }]
    const folder = join(dataFolder, 'archives')
    const archive = join(folder, 'source.zip')
    mkdirSync(folder, { recursive: true })
    if (!existsSync(archive)) timedProgram('zip', ['-q', '-r', archive, '.'], sourceTree())
    const ours = await startFilegate(folder)
    try {
      const medians = await interleaved(rounds, {
        ours: () => download(`${ours.origin}/api/v1/files/source.zip?preview`),
        zipinfo: () => timedProgram('zipinfo', ['-1', archive]),
      })
      const common = { work, ours: medians.ours, unit: 'ms', better: 'lower' } as const
      return [
        { ...common, peer: '25 ms', theirs: 25, floor: 1, reach: 8 / 25 },
        { ...common, peer: 'zipinfo -1', theirs: medians.zipinfo, floor: 1, reach: 0.2 },
      ]
    } finally {
      await ours.stop()
    }
  },
}
