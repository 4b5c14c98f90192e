import { parentPort } from 'node:worker_threads'
import { matchesCrypt } from './crypt.ts'
import type { Question } from './slow-hash.ts'

parentPort?.on('message', ({ id, password, hash }: Question) => {
  parentPort?.postMessage({ id, matches: matchesCrypt(password, hash) })
})
