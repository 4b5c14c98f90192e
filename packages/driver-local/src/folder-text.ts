/**
 * What a folder holds, in one text: of each entry the letter of its kind, its name, and the slash that no name has. It
 * takes a tenth of the memory that objects would, and goes from thread to thread as fast as bytes do.
 */
export type FolderText = string

export type EntryKind = 'file' | 'directory' | 'link'

const letters: Readonly<Record<EntryKind, string>> = { file: 'f', directory: 'd', link: 'l' }
const directoryLetter = letters.directory.charCodeAt(0)
const fileLetter = letters.file.charCodeAt(0)

export const entryText = (kind: EntryKind, name: string): FolderText => `${letters[kind]}${name}/`

/** Tells of so many entries from a place in the text on, and answers where the next one begins. */
export function eachEntry(
  text: FolderText,
  see: (name: string, kind: EntryKind) => void,
  { from = 0, most = Infinity }: { readonly from?: number; readonly most?: number } = {},
): number {
  let at = from
  for (let count = 0; at < text.length && count < most; count++) {
    const end = text.indexOf('/', at)
    const letter = text.charCodeAt(at)
    see(text.slice(at + 1, end), letter === fileLetter ? 'file' : letter === directoryLetter ? 'directory' : 'link')
    at = end + 1
  }
  return at
}
