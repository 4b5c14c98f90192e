import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Gives ignore rules to another program as a file, for as long as `work` runs. Nothing is written when there are none. */
export async function withRulesFile<T>(rules: string, work: (file: string | undefined) => Promise<T>): Promise<T> {
  if (rules === '') return work(undefined)
  const folder = await mkdtemp(join(tmpdir(), 'filegate-rules-'))
  try {
    const file = join(folder, 'rules')
    await writeFile(file, rules, { mode: 0o600 })
    return await work(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
