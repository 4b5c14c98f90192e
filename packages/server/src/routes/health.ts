import { readdirSync } from 'node:fs'
import type { Scope } from '../access/scope.ts'
import { jsonType } from '../errors.ts'
import type { Incoming } from '../http/read-request.ts'
import type { Reply } from '../http/reply.ts'
import type { Settings } from '../settings.ts'

const started = new Date()

export interface BuildFacts {
  readonly version: string
  /** When this build was made; null when it runs from source. */
  readonly built: string | null
}

function openDescriptors(): number | null {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}

/** Who may not log in learns that the server lives, and nothing about its insides. */
export function health(
  parts: { readonly settings: Settings; readonly reply: Reply; readonly build: BuildFacts },
  incoming: Incoming,
  remoteAddress: string | null,
  scope: Scope | undefined,
): Response {
  const alive = { status: 'ok', service: 'filegate' }
  const { rss, heapUsed } = process.memoryUsage()
  const insides = {
    version: parts.build.version,
    built: parts.build.built,
    started: started.toISOString(),
    memory: { rss, heap: heapUsed },
    fds: openDescriptors(),
    pid: process.pid,
    ip: remoteAddress,
    userAgent: incoming.header('user-agent') ?? null,
  }
  const trusted = parts.settings.accounts.length === 0 || (scope?.user ?? null) !== null
  const headers = { 'content-type': jsonType, 'cache-control': 'no-store' }
  return parts.reply(200, headers, JSON.stringify(trusted ? { ...alive, ...insides } : alive))
}
