import type { OpenFile } from '@filegate/core'
import { root } from '@filegate/core/path'
import { closeSync, constants, fstatSync, statSync, mkdirSync, openSync, readlinkSync, symlinkSync } from 'node:fs'
import { chmod, readdir } from 'node:fs/promises'
import { fileEntry } from '../entry.ts'
import { isFile } from '../facts.ts'
import { descriptorPath, O_PATH } from '../locator-linux.ts'
import type { Changing } from './changing.ts'
import { childOf } from './child-place.ts'
import { copyFileTo } from './copy-content.ts'
import { type FolderBelow, openBelow } from './folder-below.ts'
import { inBatches } from './in-batches.ts'
import { isTemporaryName } from './temporary-name.ts'

/** Files that are copied at the same time. */
const atOnce = 4

/**
 * Makes a folder `name` in `to` with all that the folder `from` holds. Links are copied as links, and what is neither file, folder nor link
 * is left out. Every folder on both sides is held open meanwhile, so nothing outside is read or written whatever is swapped.
 */
export async function copyTree(
  changing: Changing,
  from: FolderBelow,
  to: { readonly parent: FolderBelow; readonly name: string | Buffer; readonly mode: number },
  signal?: AbortSignal,
): Promise<void> {
  mkdirSync(childOf(to.parent.place, to.name), 0o700)
  const folder = openBelow(to.parent, to.name)
  try {
    const all = await readdir(from.place, { withFileTypes: true, encoding: 'buffer' })
    // The copy itself may lie in what is copied, by way of a link.
    const entries = all.filter(({ name }) => !isTemporaryName(name.toString('latin1')))
    for (const { name } of entries.filter((entry) => entry.isSymbolicLink())) {
      symlinkSync(readlinkSync(childOf(from.place, name), 'buffer'), childOf(folder.place, name))
    }
    const files = entries.filter((entry) => entry.isFile())
    await inBatches(files, atOnce, signal, ({ name }) => copyFileIn(changing, from, { folder, name }, signal))
    const folders = entries.filter((entry) => entry.isDirectory())
    await inBatches(folders, 1, signal, ({ name }) => copyFolderIn(changing, from, { folder, name }, signal))
    await chmod(folder.place, to.mode & 0o777)
    if (changing.isDurable) await folder.sync()
  } finally {
    folder.close()
  }
}

interface Place {
  readonly folder: FolderBelow
  readonly name: Buffer
}

async function copyFolderIn(
  changing: Changing,
  parent: FolderBelow,
  { folder, name }: Place,
  signal: AbortSignal | undefined,
): Promise<void> {
  const from = openBelow(parent, name)
  try {
    await copyTree(changing, from, { parent: folder, name, mode: statSync(from.place).mode }, signal)
  } finally {
    from.close()
  }
}

async function copyFileIn(
  changing: Changing,
  parent: FolderBelow,
  { folder, name }: Place,
  signal: AbortSignal | undefined,
): Promise<void> {
  const file = openFileIn(parent, name)
  if (!file) return
  await copyFileTo(changing, file, { place: childOf(folder.place, name), pinned: parent.pinned, signal })
}

/** `undefined` when it is no file any more. Nothing but a file is ever opened. */
function openFileIn(folder: FolderBelow, name: Buffer): OpenFile | undefined {
  const place = childOf(folder.place, name)
  const pin = openSync(place, folder.pinned ? O_PATH | constants.O_NOFOLLOW : constants.O_RDONLY)
  try {
    if (!isFile(fstatSync(pin))) return undefined
    const descriptor = openSync(folder.pinned ? descriptorPath(pin) : place, constants.O_RDONLY)
    return { descriptor, entry: fileEntry(root, fstatSync(descriptor)), close: () => closeSync(descriptor) }
  } finally {
    closeSync(pin)
  }
}
