/**
 * Entries of a folder, in one text: of each the letter of its kind, its name, and the slash that no name has. It takes a
 * tenth of the memory that objects would, and goes from thread to thread as fast as bytes do.
 */
export type FolderText = string

export type EntryKind = 'file' | 'directory' | 'link'

const letters: Readonly<Record<EntryKind, string>> = { file: 'f', directory: 'd', link: 'l' }
const directoryLetter = letters.directory.charCodeAt(0)
const fileLetter = letters.file.charCodeAt(0)

export const entryText = (kind: EntryKind, name: string): FolderText => `${letters[kind]}${name}/`

/** `at`: where the entry begins in the text. */
export function eachEntry(text: FolderText, see: (name: string, kind: EntryKind, at: number) => void): void {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('/', at)
    see(text.slice(at + 1, end), kindAt(text, at), at)
    at = end + 1
  }
}

export const nameAt = (text: FolderText, at: number): string => text.slice(at + 1, text.indexOf('/', at))

export function kindAt(text: FolderText, at: number): EntryKind {
  const letter = text.charCodeAt(at)
  return letter === fileLetter ? 'file' : letter === directoryLetter ? 'directory' : 'link'
}
