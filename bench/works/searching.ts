import { createRequire } from 'node:module'
import { manyFiles } from '../data.ts'
import { download } from '../download.ts'
import { interleaved, type Outcome, timedProgram, type Work } from '../measure.ts'
import { startFilegate } from '../peers/filegate.ts'

const require = createRequire(new URL('../../packages/server/package.json', import.meta.url))

/** The ripgrep that filegate itself brings, so that both are the same version. */
function ripgrep(): string {
  const { rgPath }: { rgPath: string } = require('@vscode/ripgrep')
  return rgPath
}

export const grepWork: Work = {
  name: 'grep',
  async run(rounds) {
    const folder = manyFiles()
    const rules = ['--no-config', '--no-require-git', '--max-filesize', '10M', '--no-heading', '-n', '--column']
    const ours = await startFilegate(folder)
    try {
      const search = (pattern: string) => () =>
        download(`${ours.origin}/api/v1/files/?grep=${pattern}&max_matches=10000`)
      const few = await interleaved(rounds, {
        ours: search('veryRareNeedle'),
        rg: () => timedProgram(ripgrep(), [...rules, 'veryRareNeedle', folder]),
      })
      const all = await interleaved(rounds, {
        ours: search(encodeURIComponent('common\\d{4}\\(')),
        rg: () => timedProgram(ripgrep(), [...rules, 'common\\d{4}\\(', folder]),
      })
      // As many matches as a request may ask for, which come together at once: the peer stops there too.
      const stopping = `${ripgrep()} ${rules.join(' ')} --max-count 50 'await' '${folder}' | head -n 10000`
      const many = await interleaved(rounds, {
        ours: search('await'),
        rg: () => timedProgram('sh', ['-c', stopping]),
      })
      const common = { peer: 'ripgrep 15', unit: 'ms', better: 'lower', floor: 1.3, reach: 1.1 } as const
      return [
        { work: 'grep in 100,000 files, 20 matches', ours: few.ours, theirs: few.rg, ...common },
        { work: 'grep in 100,000 files, 9,000 matches in 9,000 of them', ours: all.ours, theirs: all.rg, ...common },
        { work: 'grep, the first 10,000 matches of millions', ours: many.ours, theirs: many.rg, ...common },
      ]
    } finally {
      await ours.stop()
    }
  },
}

/** The peer neither looks at the files nor sorts them; by name only what is answered is looked at, by time every match. */
export const globWork: Work = {
  name: 'glob',
  async run(rounds) {
    const folder = manyFiles()
    const ours = await startFilegate(folder)
    try {
      const outcomes: Outcome[] = []
      for (const [work, pattern, sort] of [
        ['glob over 100,000 files, 1,000 matches', '**/file-7.*', 'mtime'],
        ['glob over 100,000 files, 33,334 matches by name', '**/*.d.ts', 'name'],
        ['glob over 100,000 files, 33,334 matches by time', '**/*.d.ts', 'mtime'],
      ] as const) {
        const query = `glob=${pattern}&sort=${sort}&max_results=10000&max_files_scanned=500000`
        const medians = await interleaved(rounds, {
          ours: () => download(`${ours.origin}/api/v1/files/?${query}`),
          rg: () => timedProgram(ripgrep(), ['--no-config', '--files', '-g', pattern, folder]),
        })
        const { ours: mine, rg: theirs } = medians
        outcomes.push({
          work,
          peer: 'ripgrep 15 --files',
          ours: mine,
          theirs,
          unit: 'ms',
          better: 'lower',
          floor: 1.3,
          reach: 0.8,
        })
      }
      return outcomes
    } finally {
      await ours.stop()
    }
  },
}
