import { type ConnectContext, type StorageDriver, throwIfAborted } from '@filegate/core'
import { makeDirectory, movePath, removePath } from './change.ts'
import { listFolder } from './list.ts'
import type { FtpOptions } from './options.ts'
import { createPool, type Pool } from './pool.ts'
import { readFile } from './read.ts'
import { resolveSettings } from './settings.ts'
import { statPath } from './stat.ts'
import { canSetTimes, setTime } from './time.ts'
import { createTlsSessions } from './tls.ts'
import { writeFile } from './write.ts'

/** Connects to a server and proves that it takes the log-in. */
export async function connectFtp(options: FtpOptions, context: ConnectContext): Promise<StorageDriver> {
  const { connectSocket, log, signal } = context
  const settings = resolveSettings(options)
  const tlsSessions = createTlsSessions(settings.tlsSessions)
  const pool = createPool({ settings, connectSocket, log, tlsSessions })
  try {
    return driverOver(pool, await pool.use(async (session) => canSetTimes(session), signal))
  } catch (error) {
    pool.close()
    throw error
  }
}

function driverOver(pool: Pool, setsTimes: boolean): StorageDriver {
  return {
    provider: 'ftp',
    traits: {
      ranges: 'native',
      directories: 'real',
      caseSensitive: true,
      hashes: [],
      ...(setsTimes && { modifiedPrecision: 1000 }),
      // There are no etags.
      conditions: ['ifModifiedSince', 'ifUnmodifiedSince'],
    },
    stat: async (path, { signal } = {}) => pool.use((session) => statPath(session, path), signal),
    list: async (path, options = {}) => pool.use((session) => listFolder(session, path, options), options.signal),
    async read(path, options = {}) {
      throwIfAborted(options.signal)
      return readFile(pool, path, options)
    },
    write: (path, options) => writeFile(pool, path, options),
    remove: async (path, { signal } = {}) => pool.use((session) => removePath(session, path), signal),
    makeDirectory: async (path, { signal } = {}) => pool.use((session) => makeDirectory(session, path), signal),
    move: async (path, options) => pool.use((session) => movePath(session, path, options), options.signal),
    ...(setsTimes && {
      setModified: async (path, { modified, signal }) =>
        pool.use(async (session) => {
          await statPath(session, path)
          await setTime(session, path, modified)
          return statPath(session, path)
        }, signal),
    }),
    async close() {
      pool.close()
    },
  }
}
