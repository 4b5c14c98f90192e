import { siblingModule, StorageError } from '@filegate/core'
import type { HashAlgorithm, HashOptions, LocalAccess, OpenFile, StoragePath } from '@filegate/core'
import { hash } from 'node:crypto'
import { readSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { shrunk } from './body.ts'
import type { HashReply, HashTask } from './hash-worker.ts'
import { workerPool } from './worker-pool.ts'

export interface Hasher {
  hash(access: LocalAccess, path: StoragePath, options: HashOptions): Promise<string>
  close(): Promise<void>
}

export const hashAlgorithms: readonly HashAlgorithm[] = ['sha256', 'sha1', 'md5']
/** Up to so many bytes are read and hashed on the calling thread, which takes about 0.2 ms. */
const inlineLimit = 256 * 1024
const mostWorkers = 4

export function openHasher(): Hasher {
  const size = Math.min(mostWorkers, availableParallelism())
  const pool = workerPool<HashTask, HashReply>({ module: siblingModule(import.meta.url, './hash-worker'), size })
  return {
    async hash(access, path, { algorithm, signal }) {
      if (!hashAlgorithms.includes(algorithm)) throw unsupported(algorithm, path)
      const file = access.openFile(path)
      try {
        const { descriptor, entry } = file
        if (entry.size <= inlineLimit) return hash(algorithm, readWhole(file))
        const { digest } = await pool.run({ descriptor, size: entry.size, algorithm }, signal)
        if (digest === undefined) throw shrunk(path)
        return digest
      } finally {
        file.close()
      }
    },
    close: () => pool.close(),
  }
}

function readWhole({ descriptor, entry }: OpenFile): Buffer {
  const bytes = Buffer.allocUnsafe(entry.size)
  for (let position = 0; position < bytes.length; ) {
    const count = readSync(descriptor, bytes, position, bytes.length - position, position)
    if (count === 0) throw shrunk(entry.path)
    position += count
  }
  return bytes
}

const unsupported = (algorithm: HashAlgorithm, path: StoragePath): StorageError =>
  new StorageError('Unsupported', `Local files are hashed with ${hashAlgorithms.join(', ')}, not with ${algorithm}.`, {
    path,
  })
