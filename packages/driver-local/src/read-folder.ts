import { type Dirent, opendirSync, readdirSync } from 'node:fs'
import { isTemporaryName } from './change/temporary-name.ts'
import { nameFromBytes, nameFromLatin1, nameFromText } from './disk-name.ts'
import { type EntryKind, entryText, type FolderText } from './folder-text.ts'

const replacement = '\uFFFD'

/**
 * What a folder holds, names that begin with a dot first, so that one need not look further for them. What is neither file
 * nor directory nor link is left out.
 */
export function readFolder(disk: string | Buffer): FolderText {
  let dotted = ''
  let text = ''
  for (const child of readdirSync(disk, { withFileTypes: true })) {
    if (child.name.includes(replacement)) return readByBytes(disk)
    const entry = textOf(child, nameFromText(child.name))
    if (child.name.startsWith('.')) dotted += entry
    else text += entry
  }
  return dotted + text
}

/** The slow way, for folders with names that are not UTF-8. */
function readByBytes(disk: string | Buffer): FolderText {
  const children = readdirSync(disk, { withFileTypes: true, encoding: 'buffer' })
  const texts = children.map((child) => textOf(child, nameFromBytes(child.name)))
  const isDotted = (text: string): boolean => text.startsWith('.', 1)
  return [...texts.filter(isDotted), ...texts.filter((text) => !isDotted(text))].join('')
}

/** A folder of any size, so many entries at a time. */
export function* readFolderInParts(disk: string | Buffer, most: number): Generator<FolderText, void, undefined> {
  const reader = opendirSync(disk, { bufferSize: 1024, encoding: 'latin1' })
  try {
    let text = ''
    let count = 0
    for (let child = reader.readSync(); child; child = reader.readSync()) {
      text += textOf(child, nameFromLatin1(child.name))
      if (++count < most) continue
      yield text
      text = ''
      count = 0
    }
    yield text
  } finally {
    reader.closeSync()
  }
}

type Kinded = Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>

function textOf(child: Kinded, name: string): FolderText {
  const kind = isTemporaryName(name) ? undefined : kindOf(child)
  return kind ? entryText(kind, name) : ''
}

function kindOf(child: Kinded): EntryKind | undefined {
  if (child.isFile()) return 'file'
  if (child.isDirectory()) return 'directory'
  return child.isSymbolicLink() ? 'link' : undefined
}
