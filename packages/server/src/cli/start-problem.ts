import { StorageError } from '@filegate/core'
import { CommandError } from './command-error.ts'

type Facts = { readonly address: string; readonly port: number | undefined }

const reasons: Readonly<Record<string, (facts: Facts) => string>> = {
  EADDRINUSE: ({ address, port }) =>
    port === undefined
      ? `the socket ${address} is taken by another program`
      : `port ${port} on ${address} is taken by another program; choose one with --port (0 for any free one)`,
  EACCES: ({ address, port }) =>
    port === undefined
      ? `the socket ${address} cannot be made: its folder is missing or closed to us`
      : `port ${port} on ${address} needs more rights`,
  EADDRNOTAVAIL: ({ address }) => `this machine has no address ${address}`,
  EAFNOSUPPORT: ({ address }) => `this machine has no network for addresses such as ${address}`,
}

/** What kept the server from starting, as a person would say it; undefined when it is a mistake of ours. */
export function startProblem(error: unknown): CommandError | undefined {
  if (error instanceof CommandError) return error
  if (StorageError.is(error) && error.code !== 'Unexpected') return new CommandError(1, error.message, error)
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  // A worker is told of its first process's `bind`.
  if (error.syscall !== 'listen' && error.syscall !== 'bind') return undefined
  const reason = reasons[String(error.code)]
  const address = 'address' in error ? String(error.address) : ''
  const port = 'port' in error && typeof error.port === 'number' && error.port >= 0 ? error.port : undefined
  return new CommandError(1, reason?.({ address, port }) ?? error.message, error)
}
