import { type Operation, type StoragePath } from '@filegate/core'
import { besides } from './besides.ts'
import { type Connection, until } from './connection.ts'
import { isMissing } from './errors.ts'
import { changed, type Metadata } from './metadata.ts'
import { repeat } from './repeat.ts'
import { sendRelocation } from './send-relocation.ts'
import { metadataIfThere } from './stat.ts'

/** Milliseconds for each call of what has to be put right again; the signal of the caller may be what ended it. */
const patience = 30_000

/** Something that has to make room. */
interface Occupant {
  leave(options: Operation): Promise<void>
  /** Where nothing took its place. */
  comeBack(): Promise<void>
  /** Where something did. */
  end(): Promise<void>
}

export interface Taken {
  readonly path: StoragePath
  /** As the vendor writes it. */
  readonly place: string
}

/**
 * Puts something where something else is, which the vendor does not do in one step. What had to go comes back where nothing can
 * take its place.
 */
export async function replace(
  connection: Connection,
  taken: Taken,
  put: () => Promise<Metadata>,
  options: Operation,
): Promise<Metadata> {
  const old = await metadataIfThere(connection, taken.place, options)
  if (!old) return put()
  const occupant = old['.tag'] === 'file' ? fileAt(connection, taken, old.rev) : folderAt(connection, taken)
  let written: Metadata
  try {
    await occupant.leave(options)
    written = await put()
  } catch (error) {
    await putRight(connection, taken, occupant)
    throw error
  }
  await occupant.end()
  return written
}

/** The vendor keeps removed files, and their history goes on with what comes next. */
const fileAt = (connection: Connection, { place }: Taken, rev: string): Occupant => ({
  leave: (options) => removeThere(connection, { path: place, parent_rev: rev }, options),
  async comeBack() {
    await repeat(connection, () => connection.vendor.api.filesRestore({ path: place, rev }, soon()))
  },
  end: async () => {},
})

/** The vendor has no call that restores a folder, so one only steps aside until its place is taken. */
function folderAt(connection: Connection, { path, place }: Taken): Occupant {
  const aside = besides(place)
  const move = (from: string, to: string, options: Operation) =>
    sendRelocation(connection, { verb: 'move', path, from, to }, options)
  return {
    async leave(options) {
      await move(place, aside, options)
    },
    async comeBack() {
      await move(aside, place, soon())
    },
    async end() {
      try {
        await removeThere(connection, { path: aside }, soon())
      } catch (error) {
        connection.log.warn(
          'A folder in Dropbox that was replaced could not be removed, and stands beside its old place.',
          {
            path: aside,
            error: String(error),
          },
        )
      }
    },
  }
}

async function removeThere(
  connection: Connection,
  sent: { readonly path: string; readonly parent_rev?: string },
  { signal }: Operation,
): Promise<void> {
  try {
    const { result } = await repeat(connection, () => connection.vendor.api.filesDeleteV2(sent, until(signal)), {
      signal,
    })
    changed.parse(result)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** What stands there is what never left, or what took the place although it seemed to fail, or somebody else's. It stays. */
async function putRight(connection: Connection, { path, place }: Taken, occupant: Occupant): Promise<void> {
  try {
    if (!(await metadataIfThere(connection, place, soon()))) await occupant.comeBack()
  } catch (error) {
    connection.log.warn(`/${path} was to be replaced in Dropbox and could not be brought back. It is kept there.`, {
      path,
      error: String(error),
    })
  }
}

const soon = (): { readonly signal: AbortSignal } => ({ signal: AbortSignal.timeout(patience) })
