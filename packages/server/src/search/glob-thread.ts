import { parentPort } from 'node:worker_threads'
import { StorageError } from '@filegate/core/error'
import { treeReader, type TreeReader } from '@filegate/driver-local/tree'
import type { GlobAnswer, GlobOrder } from './glob-messages.ts'

/** The module of a worker thread that reads folders for one search for names at a time. It loads little, to start fast. */

let reader: TreeReader | undefined

function follow(order: GlobOrder): GlobAnswer {
  if (order.type === 'begin') {
    reader = treeReader(order.task)
    return { type: 'ready' }
  }
  if (!reader) throw new TypeError('A search has to begin first.')
  if (order.type === 'read') return { type: 'read', readings: reader.read(order.folders) }
  return { type: 'looked', ...reader.look(order.groups) }
}

function answerTo(order: GlobOrder): GlobAnswer {
  try {
    return follow(order)
  } catch (error) {
    if (!StorageError.is(error)) throw error
    return { type: 'failed', code: error.code, message: error.message }
  }
}

parentPort?.on('message', (order: GlobOrder) => {
  const answer = answerTo(order)
  parentPort?.postMessage(answer, answer.type === 'looked' ? [answer.sizes.buffer, answer.times.buffer] : [])
})
