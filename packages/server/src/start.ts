import { existsSync, statSync } from 'node:fs'
import type { RequestListener, Server } from 'node:http'
import { basename, dirname, join } from 'node:path'
import { type LocalAccess, localAccessOf, localChangesOf, parsePath, StorageError } from '@filegate/core'
import { type LocalDriver, openLocalDriver } from '@filegate/driver-local'
import { createIdentify } from './access/identify.ts'
import { forKnownHosts } from './access/known-hosts.ts'
import { type AppParts, createApp } from './app.ts'
import { createBackends } from './backends/backends.ts'
import type { LoadDefinition } from './backends/registry.ts'
import { readBuildFacts } from './build-facts.ts'
import { errorResponse, malformedRequest } from './errors.ts'
import { createReply } from './http/reply.ts'
import type { Journal } from './journal/journal.ts'
import type { JournalStart } from './journal/start-journal.ts'
import { type AccessLog, createAccessLog } from './log/access-log.ts'
import { errorText } from './log/error-text.ts'
import { escapeForLog } from './log/escape.ts'
import { createServices } from './services.ts'
import type { Settings } from './settings.ts'
import type { RunningTrash, TrashStart } from './trash/start-trash.ts'
import { createListener } from './transport/listener.ts'
import { startSweeping } from './uploads/start-sweeping.ts'
import { createPathLocks, type PathLocks } from './writing/path-locks.ts'
import { type ChangesWithin, createServedFolder, type ServedFolder } from './writing/served-folder.ts'
import { createServer, listen, reloadCertificate, stop, withPortOf } from './transport/servers.ts'

export interface RunningServer {
  /** What to type into a browser, or the path of the socket. */
  readonly addresses: readonly string[]
  /** Stops accepting, lets running responses finish for so many milliseconds, then ends them. */
  close(grace: number): Promise<void>
  /** Reads certificate and key again; connections that stand keep theirs. */
  reloadCertificate(): void
}

export interface StartOptions {
  /** In place of the providers there are; for tests. */
  readonly providers?: Readonly<Record<string, LoadDefinition>> | undefined
  /** Milliseconds that a backend has to answer when it is connected; for tests. */
  readonly patience?: number | undefined
  /** Of the first process, which recovers what was broken off, too. Absent: this is the only process. */
  readonly locks?: PathLocks | undefined
}

/**
 * Threads of Node wait for the disk on behalf of uploads, and a disk does several waits at once as fast as one. It counts until the first of the
 * threads is used. Whoever runs the server may know better.
 */
function useMoreThreads(): void {
  process.env['UV_THREADPOOL_SIZE'] ??= '16'
}

/** Puts right what a process that died left half done. Before anything is served. */
export async function recover({ dataDirectory }: Pick<Settings, 'dataDirectory'>): Promise<void> {
  if (dataDirectory === undefined || !existsSync(notesIn(dataDirectory))) return
  const { recoverChanges } = await import('@filegate/driver-local/recover')
  for (const error of await recoverChanges(notesIn(dataDirectory))) {
    process.stderr.write(`filegate: ${errorText(error)}\n`)
  }
}

const notesIn = (dataDirectory: string): string => join(dataDirectory, 'changes')

/** @throws Error with a `code` such as EADDRINUSE when an address cannot be listened on; nothing is left listening then. */
export async function startServer(settings: Settings, options: StartOptions = {}): Promise<RunningServer> {
  if (settings.allow.upload) useMoreThreads()
  if (!options.locks) await recover(settings)
  const parts = await assemble(settings, options)
  const app = createApp(parts)
  const answer = createListener(
    (request, bindings) => app.fetch(request, bindings),
    {
      malformed: (error) => errorResponse(malformedRequest(error), parts.reply, parts.report),
      failed: (error) => errorResponse(error, parts.reply, parts.report),
      brokeOff: parts.brokeOff,
    },
    settings,
  )
  const log = createAccessLog(settings)
  const listener = log ? logged(answer, log) : answer
  const servers: Server[] = []
  const addresses: string[] = []
  const endSweeping = startSweeping(parts)
  const close = async (grace: number): Promise<void> => {
    endSweeping()
    await Promise.all(servers.map((server) => stop(server, grace)))
    await parts.close()
  }
  try {
    for (const address of settings.listen) {
      const server = createServer(settings, listener)
      addresses.push(await listen(server, withPortOf(servers[0], address), settings))
      servers.push(server)
    }
  } catch (error) {
    await close(0)
    throw error
  }
  return { addresses, close, reloadCertificate: () => reloadCertificate(servers, settings) }
}

const logged =
  (answer: RequestListener, log: AccessLog): RequestListener =>
  (incoming, outgoing) => {
    log(incoming, outgoing)
    return answer(incoming, outgoing)
  }

interface ServerParts extends AppParts {
  /** Told why an answer that was under way had to be broken off. */
  readonly brokeOff: (error: unknown) => void
  close(): Promise<void>
}

interface FolderParts {
  readonly settings: Settings
  readonly storage: LocalDriver
  readonly local: LocalAccess
  readonly locks: PathLocks
  readonly journal: Journal | undefined
  readonly trash: RunningTrash | undefined
}

/** Everything that changes the served folder goes through what `changes` gives. */
function servedFolder({ settings, storage, local, locks, journal, trash }: FolderParts): ServedFolder {
  const plain: ChangesWithin = (within) => (within && localChangesOf(local.narrowed(within))) ?? storage
  const changes: ChangesWithin = journal ? (within) => journal.journaled(plain(within)) : plain
  return createServedFolder({ storage, local, changes, locks, settings, journal, trash })
}

/** Loaded where there is one. */
async function openTrashOf(start: TrashStart): Promise<RunningTrash | undefined> {
  if (!start.settings.trash) return undefined
  const { startTrash } = await import('./trash/start-trash.ts')
  return startTrash(start)
}

/** Loaded where there is one. */
async function openJournalOf(start: JournalStart): Promise<Journal> {
  const { startJournal } = await import('./journal/start-journal.ts')
  return startJournal(start)
}

/** Puts the parts of the server together. Everything that lives as long as the server is made here. */
async function assemble(settings: Settings, options: StartOptions): Promise<ServerParts> {
  const single = statSync(settings.servedPath).isFile()
  const folder = single ? dirname(settings.servedPath) : settings.servedPath
  const notes = settings.dataDirectory === undefined ? undefined : notesIn(settings.dataDirectory)
  const changes = { notes, durable: settings.sync }
  const driver = openLocalDriver({ root: folder, followsSymlinks: settings.allow.symlink, changes })
  const local = localAccessOf(driver)
  const services = createServices(settings)
  const say = (message: string): void => void process.stderr.write(`filegate: ${escapeForLog(message)}\n`)
  const report = (error: unknown): void => void process.stderr.write(`filegate: ${errorText(error)}\n`)
  const secretKeyText = process.env['FILEGATE_SECRET_KEY']
  const journal =
    settings.allow.journal && local && !single
      ? await openJournalOf({ settings, driver, local, report, say })
      : undefined
  const locks = options.locks ?? createPathLocks()
  const trash = single ? undefined : await openTrashOf({ settings, storage: driver, locks, report })
  const backends = settings.allow.remote ? createBackends({ settings, secretKeyText, say, ...options }) : undefined
  return {
    settings,
    storage: driver,
    local,
    folder: local && servedFolder({ settings, storage: driver, local, locks, journal, trash }),
    journal,
    trash,
    services,
    backends,
    managed: backends,
    reply: createReply(settings),
    build: readBuildFacts(),
    identify: forKnownHosts(createIdentify(settings), settings),
    report,
    brokeOff: (error) =>
      StorageError.is(error) && error.code !== 'Unexpected'
        ? say(`an answer broke off: ${error.message}`)
        : report(error),
    ...(single ? { onlyFile: parsePath(basename(settings.servedPath)) } : {}),
    close: async () => {
      await backends?.close()
      await trash?.close()
      await journal?.close()
      await services.close()
      await driver.close?.()
    },
  }
}
