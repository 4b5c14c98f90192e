import type { StoragePath } from '@filegate/core'
import { isRefusal } from './control.ts'
import { serverPath } from './server-path.ts'
import type { Session } from './session.ts'
import { statIfThere } from './stat.ts'

/** Puts one file in the place of another, or of none. */
export async function replace(session: Session, from: StoragePath, to: StoragePath): Promise<void> {
  const { control } = session
  const rename = async (): Promise<void> => {
    await control.ask(`RNFR ${serverPath(session, from)}`, 350)
    await control.ask(`RNTO ${serverPath(session, to)}`)
  }
  try {
    await rename()
  } catch (error) {
    if (!isRefusal(error)) throw error
    // Servers on Windows do not rename onto a file that is there.
    const old = await statIfThere(session, to)
    if (old?.kind !== 'file') throw error
    await control.ask(`DELE ${serverPath(session, to)}`)
    await rename()
  }
}
