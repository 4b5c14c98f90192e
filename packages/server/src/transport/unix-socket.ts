import { lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { StorageError } from '@filegate/core'
import type { ListenAddress } from '../settings.ts'

/**
 * Removes the socket files that a server left behind when it was killed, since nobody could listen there any more.
 * @throws StorageError when somebody does listen, or when something else has the name.
 */
export async function clearStaleSockets(addresses: readonly ListenAddress[]): Promise<void> {
  for (const address of addresses) {
    if ('socket' in address && !address.socket.startsWith('@')) await clearStaleSocket(address.socket)
  }
}

async function clearStaleSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return
  if (!found.isSocket()) throw new StorageError('AlreadyExists', `there is something at ${path} that is no socket`)
  if (await isAnswered(path)) throw new StorageError('AlreadyExists', `another server listens on the socket ${path}`)
  unlinkSync(path)
}

/** Only a refusal proves that nobody is there; whatever else happens, the file stays. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
  })
}
