const prefix = 'https://www.googleapis.com/auth/'

/** https://developers.google.com/workspace/drive/api/guides/api-specific-auth */
export const scopeWords: readonly string[] = [
  'drive',
  'drive.readonly',
  'drive.file',
  'drive.appfolder',
  'drive.metadata.readonly',
]

/** The scopes as Google knows them; what nobody chose is all of the drive. */
export const scopesOf = (words: readonly string[]): readonly string[] =>
  (words.length === 0 ? ['drive'] : words).map((word) => `${prefix}${word}`)
