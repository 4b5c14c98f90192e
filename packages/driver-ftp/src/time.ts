import { StorageError, type StoragePath } from '@filegate/core'
import { printTime } from './facts.ts'
import { serverPath } from './server-path.ts'
import type { Session } from './session.ts'

/** Whether times can be set at all: MFMT says so itself, MDTM for setting has to be trusted. */
export const canSetTimes = (session: Session): boolean => session.has('MFMT') || session.settings.writingMdtm

/** To the second, which is all that FTP knows. Does nothing where the server cannot. */
export async function setTime(session: Session, path: StoragePath, modified: number): Promise<void> {
  if (!canSetTimes(session)) return
  const time = printTime(modified)
  // Years of five digits, or before Christ.
  if (!/^\d{14}$/.test(time)) throw new StorageError('InvalidArgument', 'FTP cannot express that time.', { path })
  const command = session.has('MFMT') ? 'MFMT' : 'MDTM'
  await session.control.ask(`${command} ${time} ${serverPath(session, path)}`)
}
