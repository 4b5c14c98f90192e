import type { IncomingMessage } from 'node:http'

const users = new WeakMap<IncomingMessage, string>()

/** Keeps who made a request until its line is written: only the application finds out, and only some requests reach it. */
export function rememberCaller(incoming: IncomingMessage, user: string): void {
  users.set(incoming, user)
}

export function callerOf(incoming: IncomingMessage): string | null {
  return users.get(incoming) ?? null
}
