import { setImmediate } from 'node:timers/promises'
import {
  type Entry,
  type FileEntry,
  joinPath,
  type LocalAccess,
  type LocalChanges,
  root,
  type StorageDriver,
  type StoragePath,
  walk,
} from '@filegate/core'
import { createRealPlaces, realPlaceOf } from '../access/place-rights.ts'
import type { JournalOperation } from './entry.ts'
import type { MovesElsewhere } from './moves-elsewhere.ts'
import { beforehand } from './not-entered.ts'
import type { Kind } from './place.ts'
import type { Recorder } from './recorder.ts'
import { foundAt } from './snapshot.ts'
import type { Survey } from './survey.ts'

export interface JournaledParts {
  readonly storage: StorageDriver
  readonly local: LocalAccess
  readonly recorder: Recorder
  readonly survey: Survey
  readonly movesElsewhere: MovesElsewhere
  /** Whether other processes write to the same journal. */
  readonly isShared: boolean
}

const elsewhere = 'found before a change'

/** Files of a copied folder that are looked at together. */
const parallel = 8

/**
 * Changes of the served folder that are in the journal when they resolve. What was there before is noted first, so that
 * nothing is lost which another program wrote a moment ago.
 */
export function journaledChanges(changes: LocalChanges, parts: JournaledParts): LocalChanges {
  const { local, recorder, isShared } = parts
  const rememberedPlaceOf = createRealPlaces(local)
  /** The journal knows places, not the links by which they are reached. What is behind one is looked up each time, as links are changed. */
  function realPlace(path: StoragePath, follows: boolean): StoragePath {
    return rememberedPlaceOf(path, follows) === path ? path : realPlaceOf(local, path, follows)
  }
  const placeOf = (path: StoragePath): StoragePath => realPlace(path, true)
  const placeOfItself = (path: StoragePath): StoragePath => realPlace(path, false)

  /** A change of what stands at one path. */
  async function changing<Result>(
    asked: StoragePath,
    work: () => Promise<Result>,
    op?: JournalOperation,
  ): Promise<Result> {
    const path = placeOf(asked)
    await beforehand(() => recorder.catchUp(path, elsewhere))
    const began = Date.now()
    const result = await work()
    await recorder.look({ path, op, began })
    return result
  }

  return {
    write(path, options) {
      const write = (): Promise<FileEntry> => changes.write(path, options)
      const { whole } = options
      if (isShared || !whole) return changing(path, write)
      return recorder.written(placeOf(path), whole, elsewhere, write)
    },
    adopt: (path, options) => changing(path, () => changes.adopt(path, options)),
    append: (path, options) => changing(path, () => changes.append(path, options), 'append'),
    writeRange: (path, options) => changing(path, () => changes.writeRange(path, options), 'write'),
    makeDirectory: (path, options) => changing(path, () => changes.makeDirectory(path, options)),
    setModified: (path, options) => changing(path, () => changes.setModified(path, options), 'touch'),
    setMode: (path, options) => changing(path, () => changes.setMode(path, options)),
    setOwner: (path, options) => changing(path, () => changes.setOwner(path, options)),
    async remove(asked, options) {
      const path = placeOfItself(asked)
      await catchUp(parts, [path])
      await underWay(parts, [path], async () => {
        await changes.remove(asked, options)
        await recorder.look({ path, isOurs: true })
      })
      await recorder.finished([path])
    },
    move: (asked, options) =>
      moving(parts, [placeOfItself(asked), placeOfItself(options.destination)], () => changes.move(asked, options)),
    async copy(asked, options) {
      const [path, destination] = [placeOf(asked), placeOfItself(options.destination)]
      await catchUp(parts, [path, destination])
      return underWay(parts, [destination], async () => {
        const began = Date.now()
        const entry = await changes.copy(asked, options)
        await noteCopy(parts, { source: path, destination, began })
        return entry
      })
    },
  }
}

/** Nobody looks at these places before it is over: what is made there, and goes, is entered by whoever does that. */
async function underWay<Result>(
  { recorder }: JournaledParts,
  places: readonly StoragePath[],
  work: () => Promise<Result>,
): Promise<Result> {
  const end = recorder.underWay.begin(places)
  try {
    return await work()
  } finally {
    end()
  }
}

async function moving(
  parts: JournaledParts,
  [path, destination]: readonly [StoragePath, StoragePath],
  work: () => Promise<Entry>,
): Promise<Entry> {
  const { recorder, movesElsewhere } = parts
  await catchUp(parts, [path, destination])
  const over = await movesElsewhere.begin([path, destination])
  const end = recorder.underWay.begin([path, destination])
  let entered: Promise<void> | undefined
  try {
    const entry = await work()
    entered = recorder.moved(path, destination)
    return entry
  } finally {
    end()
    try {
      await entered
    } finally {
      await over()
    }
    if (entered) await recorder.finished([path, destination])
  }
}

/** Notes what stands at paths before something happens to it, and for a folder all that is below. */
async function catchUp(parts: JournaledParts, paths: readonly StoragePath[]): Promise<void> {
  const { local, survey, recorder } = parts
  await beforehand(async () => {
    for (const path of paths) {
      const isFolder = foundAt(local, path)?.kind === 'directory'
      if (isFolder && path !== root) await survey.tree(path, { reason: elsewhere })
      else await recorder.catchUp(path, elsewhere)
    }
  })
}

interface CopyMade {
  readonly source: StoragePath
  readonly destination: StoragePath
  /** Unix milliseconds. */
  readonly began: number
}

async function noteCopy(parts: JournaledParts, { source, destination, began }: CopyMade): Promise<void> {
  const { storage, local, recorder } = parts
  const look = (path: StoragePath): Promise<void> => {
    const copy = copyOf(path, source, destination, foundAt(local, path)?.kind)
    return recorder.look({ ...copy, began, isOurs: true })
  }
  const isFolder = foundAt(local, destination)?.kind === 'directory'
  await recorder.look({
    path: source,
    op: isFolder ? 'dir_copied_from' : 'copied_from',
    dest: destination,
    isOurs: true,
  })
  await look(destination)
  if (!isFolder) return
  let paths: StoragePath[] = []
  for await (const { path } of walk(storage, destination)) {
    paths.push(path)
    if (paths.length < parallel) continue
    await Promise.all(paths.map(look))
    paths = []
    // Others get their turn on this thread.
    await setImmediate()
  }
  await Promise.all(paths.map(look))
}

function copyOf(path: StoragePath, source: StoragePath, destination: StoragePath, kind: Kind = 'file') {
  const op: JournalOperation = kind === 'directory' ? 'dir_copied_to' : 'copied_to'
  return { path, op, source: sourceOf(path, source, destination) }
}

/** Where a copy below `destination` came from, below `source`. */
function sourceOf(path: StoragePath, source: StoragePath, destination: StoragePath): StoragePath {
  if (path === destination) return source
  const names = path.slice(destination === '' ? 0 : destination.length + 1).split('/')
  return names.reduce(joinPath, source)
}
