import type { StoragePath } from '@filegate/core'
import type { FolderText, TreeReader } from '@filegate/driver-local'

/** Folders in a batch of our own, or in an order to a thread. */
const mostFolders = 32
/** Milliseconds that a batch of our own may take. */
const batchTime = 1

export type OnFolder = (folder: StoragePath, text: FolderText, isWhole: boolean) => void

/** The folders that a search has yet to read. */
export interface FolderQueue {
  add(folders: readonly StoragePath[]): void
  /** No further folder is read, and what was read meanwhile is thrown away. */
  close(): void
  /** Those of which nothing is known, which takes time to read. */
  readonly unknown: number
  /** Some of these, for another thread. */
  take(): readonly StoragePath[]
  takeIn(folders: readonly StoragePath[], readings: ReturnType<TreeReader['read']>): void
  /** Reads what is known, or can only be read in parts. False when there is nothing of that kind. */
  readHere(): boolean
  readUnknownHere(): void
  readonly isEmpty: boolean
}

export function createFolderQueue(reader: TreeReader, onFolder: OnFolder): FolderQueue {
  const known: StoragePath[] = []
  const unknown: StoragePath[] = []
  const large: StoragePath[] = []
  let parts: { readonly folder: StoragePath; readonly texts: Generator<FolderText, void> } | undefined
  let isOpen = true

  function takeIn(folders: readonly StoragePath[], readings: ReturnType<TreeReader['read']>): void {
    for (const [place, reading] of readings.entries()) {
      const folder = folders[place]
      if (folder === undefined || !isOpen) continue
      reader.remember(folder, reading)
      if (reading.isLarge) large.push(folder)
      else if (reading.text !== undefined) onFolder(folder, reading.text, true)
    }
  }

  function readFrom(folders: StoragePath[]): void {
    const batch = folders.splice(-mostFolders)
    const readings = reader.read(batch, performance.now() + batchTime)
    folders.push(...batch.slice(readings.length))
    takeIn(batch, readings)
  }

  function readPart(): boolean {
    const folder = parts ? undefined : large.pop()
    if (folder !== undefined) parts = { folder, texts: reader.readInParts(folder) }
    if (!parts) return false
    const { value, done } = parts.texts.next()
    if (!done) onFolder(parts.folder, value, false)
    else parts = undefined
    return true
  }

  return {
    get unknown() {
      return unknown.length
    },
    get isEmpty() {
      return known.length + unknown.length + large.length === 0 && !parts
    },
    add(folders) {
      if (isOpen) for (const folder of folders) (reader.knows(folder) ? known : unknown).push(folder)
    },
    close() {
      isOpen = false
      for (const folders of [known, unknown, large]) folders.length = 0
      parts?.texts.return()
      parts = undefined
    },
    take: () => unknown.splice(-Math.min(mostFolders, Math.ceil(unknown.length / 4))),
    takeIn,
    readHere() {
      if (known.length === 0) return readPart()
      readFrom(known)
      return true
    },
    readUnknownHere: () => readFrom(unknown),
  }
}
