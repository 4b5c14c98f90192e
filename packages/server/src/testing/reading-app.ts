import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { localAccessOf, type StorageDriver, StorageError } from '@filegate/core'
import { openLocalDriver } from '@filegate/driver-local'
import { everything, type Scope } from '../access/scope.ts'
import { createApp } from '../app.ts'
import { createReply } from '../http/reply.ts'
import { createServices } from '../services.ts'
import { defaultSettings, features, type Settings } from '../settings.ts'

/** The routes and views over a storage, without a socket. */
export interface ReadingApp {
  /** The served folder; empty over a storage that is none. */
  readonly folder: string
  get(target: string, init?: RequestInit): Promise<Response>
  send(method: string, target: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

export interface ReadingAppOptions {
  readonly settings?: Partial<Settings> | undefined
  readonly scope?: Scope | undefined
  /** Connected backends by identifier. */
  readonly backends?: Readonly<Record<string, StorageDriver>> | undefined
}

const everyFeature = Object.fromEntries(features.map((feature) => [feature, feature !== 'symlink']))

/** Files by path; a path that ends in a slash is an empty folder. */
export function folderApp(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: ReadingAppOptions = {},
): ReadingApp {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-')))
  const folder = join(base, 'served')
  mkdirSync(folder)
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, path)
    mkdirSync(path.endsWith('/') ? target : dirname(target), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(target, content)
  }
  const driver = openLocalDriver({ root: folder, followsSymlinks: false })
  const app = storageApp(driver, { ...options, settings: { dataDirectory: join(base, 'data'), ...options.settings } })
  return {
    ...app,
    folder,
    async close() {
      await app.close()
      await driver.close()
      rmSync(base, { recursive: true, force: true })
    },
  }
}

export function storageApp(
  storage: StorageDriver,
  { settings: changes, scope = everything, backends }: ReadingAppOptions = {},
): ReadingApp {
  const base = defaultSettings('/nowhere', '/nowhere')
  const settings: Settings = { ...base, allow: { ...base.allow, ...everyFeature }, ...changes }
  const services = createServices(settings)
  const app = createApp({
    settings,
    storage,
    local: localAccessOf(storage),
    services,
    backends: backends && { open: async (id) => ({ id, provider: 'memory', storage: backendNamed(backends, id) }) },
    reply: createReply(settings),
    build: { version: '0.0.0', built: null },
    identify: () => scope,
    report(error) {
      throw error
    },
  })
  return {
    folder: '',
    get: async (target, init) => app.request(target, init),
    send: async (method, target, init) => app.request(target, { ...init, method }),
    close: () => services.close(),
  }
}

function backendNamed(backends: Readonly<Record<string, StorageDriver>>, id: string): StorageDriver {
  const storage = backends[id]
  if (storage) return storage
  throw new StorageError('NotFound', `Backend not found: ${id}`)
}
