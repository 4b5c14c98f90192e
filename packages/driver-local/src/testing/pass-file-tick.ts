import { lstatSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Until the clock of the file system has moved on, so that what was changed before is told from what is changed next. */
export function passFileTick(folder: string): void {
  const probe = join(folder, 'probe')
  writeFileSync(probe, '')
  const { ctimeMs } = lstatSync(probe)
  do writeFileSync(probe, 'x')
  while (lstatSync(probe).ctimeMs === ctimeMs)
}
