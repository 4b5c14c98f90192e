import { closeSync, fstatSync, fsync, ftruncate, futimesSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '@filegate/core/path'
import { bodyOf } from '../body.ts'
import { fileEntry } from '../entry.ts'
import { fileTime } from './file-time.ts'
import type { Undo } from './notes.ts'
import { pour } from './pour.ts'

const syncFile = promisify(fsync)
const truncate = promisify(ftruncate)

/** Gives a file what it held before a change that did not get to its end. Doing it twice does no harm. */
export async function undo(
  descriptor: number,
  { kept, start, size, modified }: Undo,
  directory: string,
): Promise<void> {
  if (kept !== undefined) await restoreBytes(descriptor, join(directory, kept), start)
  await truncate(descriptor, size)
  futimesSync(descriptor, new Date(), fileTime(modified))
  await syncFile(descriptor)
}

async function restoreBytes(descriptor: number, place: string, position: number): Promise<void> {
  const from = openSync(place, 'r')
  try {
    const entry = fileEntry(root, fstatSync(from))
    const body = bodyOf({ descriptor: from, entry, close() {} }, { start: 0, end: entry.size })
    await pour({ body, size: entry.size, descriptor, position, durable: false })
  } finally {
    closeSync(from)
  }
}
