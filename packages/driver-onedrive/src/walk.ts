import { randomUUID } from 'node:crypto'
import { type ListOptions, type Page, StorageError, type TreeFound, type TreeSource } from '@filegate/core'
import { z } from 'zod'
import { addressOf } from './address.ts'
import type { Connection } from './connection.ts'
import type { OneDriveItem } from './item.ts'
import { newWalk, type Step, stepOf, type Stepped, type Walk } from './walk-steps.ts'

type Found = TreeFound<OneDriveItem>

/** Walks that are remembered; whoever pauses one for so long that others take its place has to begin anew. */
const most = 16

/** One walk, and the step that it took last, which is given out in as many pages as are wanted. */
interface Walking {
  readonly walk: Walk
  last?: { readonly key: string; readonly stepped: Stepped } | undefined
}

const step = z.union([
  z.object({ changes: z.string() }),
  z.object({ folder: z.number(), cursor: z.string().optional() }),
])
const cursorContent = z.object({ walk: z.string(), step, offset: z.number() })

/**
 * Everything below a directory with the list of changes of the drive, which the service makes for the whole drive only. What others
 * share is no part of it, so that is listed folder by folder.
 */
export function walkerOf(connection: Connection): NonNullable<TreeSource<OneDriveItem>['walk']> {
  const walks = new Map<string, Walking>()

  async function begin(directory: string, { signal }: ListOptions): Promise<{ id: string; step: Step }> {
    const walk = await newWalk(connection, directory, { signal })
    const id = randomUUID()
    walks.set(id, { walk })
    const [oldest] = walks.keys()
    if (walks.size > most && oldest !== undefined) walks.delete(oldest)
    const isShared = addressOf(directory).drive !== connection.drive.root.own.drive
    return { id, step: isShared ? { folder: 0 } : { changes: '' } }
  }

  return async (directory, options): Promise<Page<Found>> => {
    const at = options.cursor === undefined ? undefined : parsedCursor(options.cursor)
    const { id, step, offset } = at ? { ...at, id: at.walk } : { ...(await begin(directory, options)), offset: 0 }
    const walking = walks.get(id)
    if (!walking || walking.walk.directory !== directory) {
      throw new StorageError('Conflict', 'The listing was left alone for too long. List again.')
    }
    const key = JSON.stringify(step)
    if (walking.last?.key !== key)
      walking.last = { key, stepped: await stepOf(connection, walking.walk, step, options) }
    const { found, next } = walking.last.stepped
    const end = offset + (options.limit ?? found.length)
    const items = found.slice(offset, end)
    if (end < found.length) return { items, cursor: JSON.stringify({ walk: id, step, offset: end }) }
    if (next) return { items, cursor: JSON.stringify({ walk: id, step: next, offset: 0 }) }
    // The end may be asked for once more, what came before may not.
    forget(walking.walk)
    return { items }
  }
}

function forget({ known, given, folders, turns }: Walk): void {
  for (const memory of [known, given, folders]) memory.clear()
  turns.splice(0)
}

function parsedCursor(cursor: string): z.output<typeof cursorContent> {
  try {
    return cursorContent.parse(JSON.parse(cursor))
  } catch (cause) {
    throw new StorageError('InvalidArgument', 'The cursor is none that this listing gave out.', { cause })
  }
}
