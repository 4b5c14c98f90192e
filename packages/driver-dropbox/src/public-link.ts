import { isADirectory, type LinkOptions, root, StorageError, type StoragePath, throwIfAborted } from '@filegate/core'
import { z } from 'zod'
import { inSeconds } from './commit.ts'
import { type Connection, until } from './connection.ts'
import { expectMetadata } from './stat.ts'
import { tagsOf } from './tags.ts'

const link = z.object({ url: z.url({ protocol: /^https$/ }) })
const links = z.object({ links: z.array(link) })

/** A link under which anybody reads the file; one that is there already is used again, since a file has one at most. */
export async function publicLinkOf(
  connection: Connection,
  path: StoragePath,
  { expiresIn, signal }: LinkOptions = {},
): Promise<string> {
  const { vendor, places, committer } = connection
  throwIfAborted(signal)
  if (path === root) throw isADirectory(path)
  await committer.settle(path)
  const place = await places.of(path, { signal })
  const known = await expectMetadata(connection, path, place, { signal })
  if (known['.tag'] === 'folder') throw isADirectory(path)
  const expires = expiresIn === undefined ? {} : { expires: timeAfter(expiresIn) }
  const settings = { audience: { '.tag': 'public' } as const, ...expires }
  try {
    const { result } = await vendor.api.sharingCreateSharedLinkWithSettings({ path: place, settings }, until(signal))
    return forDownload(link.parse(result).url)
  } catch (error) {
    if (!tagsOf(error).startsWith('shared_link_already_exists')) throw error
  }
  const url = await existingLink(connection, place, signal)
  if (expiresIn !== undefined) {
    await vendor.api.sharingModifySharedLinkSettings({ url, settings: expires }, until(signal))
  }
  return forDownload(url)
}

async function existingLink({ vendor }: Connection, place: string, signal: AbortSignal | undefined): Promise<string> {
  const { result } = await vendor.api.sharingListSharedLinks({ path: place, direct_only: true }, until(signal))
  const [first] = links.parse(result).links
  if (first) return first.url
  throw new StorageError('Conflict', 'Dropbox says that there is a link already, but does not tell it. Try again.')
}

const timeAfter = (seconds: number): string => inSeconds(Date.now() + seconds * 1000)

/** Links lead to a page that shows the file, unless they say otherwise. */
function forDownload(url: string): string {
  const address = new URL(url)
  address.searchParams.set('dl', '1')
  return address.href
}
