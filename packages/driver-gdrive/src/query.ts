/** The language of searches: https://developers.google.com/workspace/drive/api/guides/ref-search-terms. */

export const folderType = 'application/vnd.google-apps.folder'
export const shortcutType = 'application/vnd.google-apps.shortcut'

/** A text as the language has it. */
export const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** What is looked for; all of it has to hold. */
export interface Search {
  /** The folders of which one has to hold it; absent for anywhere. */
  readonly parents?: readonly string[] | undefined
  /** The names of which it has to have one. */
  readonly names?: readonly string[] | undefined
  readonly sharedWithMe?: boolean | undefined
  readonly starred?: boolean | undefined
  /** What lies in the trash, and the folders that lead there. */
  readonly trashed: boolean
}

export function queryOf({ parents = [], names = [], sharedWithMe, starred, trashed }: Search): string {
  const terms = [
    trashed ? `(mimeType = ${quoted(folderType)} or trashed = true)` : 'trashed = false',
    anyOf(parents.map((id) => `${quoted(id)} in parents`)),
    anyOf(names.map((name) => `name = ${quoted(name)}`)),
    sharedWithMe ? 'sharedWithMe = true' : '',
    starred ? 'starred = true' : '',
  ]
  return terms.filter((term) => term !== '').join(' and ')
}

function anyOf(terms: readonly string[]): string {
  return terms.length > 1 ? `(${terms.join(' or ')})` : (terms[0] ?? '')
}
