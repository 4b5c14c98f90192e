import { cpus } from 'node:os'
import { styleText } from 'node:util'
import type { Outcome, Ratio, Work } from './measure.ts'
import { previewWork, zipWork } from './works/archives.ts'
import { footprintWork } from './works/footprint.ts'
import { journalWork } from './works/journal.ts'
import { hashWork, linesWork, listingWork } from './works/reading.ts'
import { globWork, grepWork } from './works/searching.ts'
import { s3Work } from './works/s3.ts'
import { uploadWork } from './works/upload.ts'
import { largeFileWork, smallFilesWork, twoCoresWork } from './works/serving.ts'

const works: readonly Work[] = [
  smallFilesWork,
  twoCoresWork,
  largeFileWork,
  listingWork,
  hashWork,
  grepWork,
  globWork,
  linesWork,
  zipWork,
  previewWork,
  footprintWork,
  s3Work,
  uploadWork,
  journalWork,
]

const help = `Measures filegate beside the tools one would pick instead, in one run, and prints ratios of medians.

  npm run bench -- [--rounds N] [work ...]

Works: ${works.map(({ name }) => name).join(', ')}. The first run makes about 7 GB of files in the temporary folder, or in
FILEGATE_BENCH_DATA. Peers that are not installed are named and left out.
`

const args = process.argv.slice(2)
const roundsAt = args.indexOf('--rounds')
const rounds = roundsAt === -1 ? 5 : Number(args.splice(roundsAt, 2)[1])
if (args.includes('--help') || !(rounds > 0)) {
  process.stdout.write(help)
  process.exit(args.includes('--help') ? 0 : 2)
}
const unknown = args.find((name) => !works.some((work) => work.name === name))
if (unknown) {
  process.stderr.write(`No work called '${unknown}'.\n\n${help}`)
  process.exit(2)
}

function verdict({ ours, theirs, better, floor, reach }: Ratio): string {
  const ratio = ours / theirs
  const holds = (bound: number): boolean => (better === 'higher' ? ratio >= bound : ratio <= bound)
  if (holds(reach)) return styleText('green', 'reached')
  return holds(floor) ? styleText('yellow', 'above the floor') : styleText('red', 'BELOW THE FLOOR')
}

function print(outcome: Outcome): void {
  if ('skipped' in outcome) {
    process.stdout.write(`${outcome.work}: skipped, ${outcome.skipped}\n`)
    return
  }
  const { work, peer, ours, theirs, unit, floor, reach } = outcome
  const figures = `${ours.toFixed(ours < 100 ? 1 : 0)} / ${theirs.toFixed(theirs < 100 ? 1 : 0)} ${unit}`
  const bounds = `floor ${floor}, reach for ${Number(reach.toFixed(2))}`
  process.stdout.write(
    `${work} | ${peer} | ${(ours / theirs).toFixed(2)}x | ${figures} | ${bounds} | ${verdict(outcome)}\n`,
  )
}

process.stdout.write(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, medians of ${rounds} rounds\n`,
)
process.stdout.write('work | peer | ratio | filegate / peer | bounds | verdict\n')
for (const work of works.filter(({ name }) => args.length === 0 || args.includes(name))) {
  for (const outcome of await work.run(rounds)) print(outcome)
}
