import { mkdtempSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  defaultSettings,
  type Feature,
  features,
  type Settings,
  type StartOptions,
  startServer,
} from '@filegate/server'

/** Files by path; a path that ends in a slash is an empty folder. */
export type Tree = Readonly<Record<string, string | Uint8Array>>

export interface Serving {
  readonly origin: string
  /** The served folder, for tests that change it behind the server's back. */
  readonly folder: string
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Ends the server, at once or after letting answers finish for so many milliseconds, and removes its folder. */
  stop(grace?: number): Promise<void>
}

/** Every feature on, as `--allow-all` and a little more, but no journal. */
export const allowAll = Object.fromEntries(features.map((feature) => [feature, feature !== 'journal'])) as Record<
  Feature,
  boolean
>

export function plantTree(folder: string, tree: Tree): void {
  for (const [path, content] of Object.entries(tree)) {
    const target = join(folder, path)
    mkdirSync(path.endsWith('/') ? target : dirname(target), { recursive: true })
    if (!path.endsWith('/')) writeFileSync(target, content)
  }
}

/** A real server on a free port over a new folder with these files; `stop` ends it and removes the folder. */
export async function serve(tree: Tree, changes: Partial<Settings> = {}, options: StartOptions = {}): Promise<Serving> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'filegate-')))
  const folder = join(base, 'served')
  mkdirSync(folder)
  plantTree(folder, tree)
  const settings: Settings = {
    ...defaultSettings(folder, join(base, 'data')),
    listen: [{ host: '127.0.0.1', port: 0 }],
    allow: { ...allowAll, symlink: false },
    ...changes,
  }
  const server = await startServer(settings, options)
  const origin = new URL(server.addresses[0] ?? '').origin
  return {
    origin,
    folder,
    fetch: (path, init) => fetch(`${origin}${path}`, init),
    stop: async (grace = 0) => {
      await server.close(grace)
      rmSync(base, { recursive: true, force: true })
    },
  }
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Sends a request target exactly as written: `fetch` would resolve `..` and escape what it does not like. */
export function rawRequest(
  origin: string,
  target: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path: target, agent: false, ...options }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    request.on('error', reject)
    request.end()
  })
}
