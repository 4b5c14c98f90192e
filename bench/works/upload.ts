import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { dataFolder } from '../data.ts'
import { hasProgram, interleaved, type Outcome, type Work } from '../measure.ts'
import { startFilegate } from '../peers/filegate.ts'
import { startNginx } from '../peers/nginx.ts'
import { startRclone } from '../peers/rclone.ts'
import type { Peer } from '../processes.ts'

const run = promisify(execFile)
const client = fileURLToPath(new URL('../upload-client.ts', import.meta.url))

interface Upload {
  readonly files: number
  readonly size: number
  readonly connections: number
}

const large: Upload = { files: 1, size: 1024 ** 3, connections: 1 }
const small: Upload = { files: 10_000, size: 4096, connections: 16 }

/**
 * Milliseconds. Each upload is to a new folder: for half a minute ext4 walks around the inodes of what was removed, file by file, which would be
 * what is measured.
 */
async function upload({ peer, names }: Side, { files, size, connections }: Upload): Promise<number> {
  const node = [
    process.execPath,
    client,
    names.pop() ?? '',
    new URL(peer.origin).port,
    ...[files, size, connections].map(String),
  ]
  const [program = '', ...args] = hasProgram('taskset') ? ['taskset', '-c', '1', ...node] : node
  const { stdout } = await run(program, args)
  return Number(stdout)
}

interface Side {
  /** Of folders that were not written to yet. rclone would not see them if they were made while it runs. */
  readonly names: string[]
  readonly peer: Peer
}

/** Files that are made, each in a folder that was empty; filegate has them on the disk when it answers, the others have not. */
export const uploadWork: Work = {
  name: 'upload',
  async run(times) {
    const absent = ['nginx', 'rclone'].find((program) => !hasProgram(program))
    if (absent) return [{ work: 'uploads', skipped: `${absent} is not installed` }]
    mkdirSync(dataFolder, { recursive: true })
    const folders: string[] = []
    const fresh = (): string => {
      const folder = mkdtempSync(join(dataFolder, 'upload-'))
      folders.push(folder)
      return folder
    }
    const start = async (begin: (folder: string) => Promise<Peer>): Promise<Side> => {
      const folder = fresh()
      const names = Array.from({ length: 2 * (times + 1) }, (_, number) => `round-${number}`)
      for (const name of names) mkdirSync(join(folder, name))
      return { names, peer: await begin(folder) }
    }
    const processors = '0'
    const data = ['--data-dir', fresh()]
    const ours = await start((folder) => startFilegate(folder, { processors, flags: data }))
    const unsynced = await start((folder) =>
      startFilegate(folder, { processors, flags: ['--data-dir', fresh(), '--no-sync'] }),
    )
    const journaled = await start((folder) =>
      startFilegate(folder, { processors, flags: ['--data-dir', fresh(), '--allow-journal'] }),
    )
    const nginx = await start((folder) => startNginx(folder, { processors, uploads: true }))
    const rclone = await start((folder) => startRclone(folder, { processors, protocol: 'webdav' }))
    try {
      const outcomes: Outcome[] = []
      for (const kind of [large, small]) {
        const measured = (side: Side) => async (): Promise<number> => {
          const time = await upload(side, kind)
          return kind === large ? kind.size / 1000 / time : (kind.files * 1000) / time
        }
        const medians = await interleaved(times, {
          ours: measured(ours),
          unsynced: measured(unsynced),
          journaled: measured(journaled),
          nginx: measured(nginx),
          rclone: measured(rclone),
        })
        outcomes.push(...report(kind, medians))
      }
      return outcomes
    } finally {
      await Promise.all([ours, unsynced, journaled, nginx, rclone].map(({ peer }) => peer.stop()))
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    }
  },
}

type Medians = Readonly<Record<'ours' | 'unsynced' | 'journaled' | 'nginx' | 'rclone', number>>

function report(kind: Upload, { ours, unsynced, journaled, nginx, rclone }: Medians): readonly Outcome[] {
  const title = kind === large ? '1 GiB uploaded' : '10,000 files of 4 KiB uploaded, 16 connections'
  const unit = kind === large ? 'MB/s' : 'files/s'
  const common = { unit, better: 'higher', floor: 0.8, reach: 1 } as const
  return [
    { work: title, peer: 'nginx dav', ours, theirs: nginx, ...common },
    { work: `${title}, --no-sync`, peer: 'nginx dav', ours: unsynced, theirs: nginx, ...common },
    { work: title, peer: 'rclone', ours, theirs: rclone, ...common, floor: 1, reach: 2 },
    { work: `${title}, --allow-journal`, peer: 'without', ours: journaled, theirs: ours, ...common, floor: 0.6 },
  ]
}
