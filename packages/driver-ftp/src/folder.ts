import { isUtf8 } from 'node:buffer'
import type { StoragePath } from '@filegate/core'
import { parseList } from 'basic-ftp'
import { parseFacts, type Told } from './facts.ts'
import { serverPath } from './server-path.ts'
import type { Session } from './session.ts'
import { collectTransfer } from './transfer.ts'

/**
 * What the server tells of a folder: every entry once, unfinished uploads too. Times are those of MLSD; LIST has none that
 * could be relied on, neither the year nor the time zone.
 * @throws FTPError where there is no such folder
 */
export async function readFolder(
  session: Session,
  path: StoragePath,
  { hidden }: { readonly hidden: boolean },
): Promise<readonly Told[]> {
  const where = serverPath(session, path)
  if (session.tellsFacts) {
    const lines = textOf(session, await collectTransfer(session, `MLSD ${where}`)).split(/\r?\n/)
    return plain(lines.map(parseFacts).filter((told) => told !== undefined))
  }
  // Without a path, as some servers would take what is in a name for options or for a pattern.
  await session.control.ask(`CWD ${where}`)
  const text = textOf(session, await collectTransfer(session, hidden ? 'LIST -a' : 'LIST'))
  return plain(
    parseList(text).map(({ name, size, isDirectory, isSymbolicLink }) => ({
      name,
      kind: isDirectory ? 'directory' : isSymbolicLink ? 'link' : 'file',
      size: isDirectory ? undefined : size,
    })),
  )
}

const isName = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name)

function plain(told: readonly Told[]): readonly Told[] {
  const byName = new Map(told.filter(({ kind, name }) => kind !== 'self' && isName(name)).map((one) => [one.name, one]))
  return [...byName.values()]
}

function textOf({ settings, surroundings }: Session, bytes: Buffer): string {
  if (settings.charset === 'utf8' && !isUtf8(bytes)) {
    surroundings.log.warn('Names at the FTP server are not in UTF-8. disable_utf8 takes them for Latin-1.')
  }
  return bytes.toString(settings.charset)
}
