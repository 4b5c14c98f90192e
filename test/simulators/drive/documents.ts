/** What Google documents are exported to and imported from, as `about` lists it (a part of what the service knows). */

const office = 'application/vnd.openxmlformats-officedocument'
const google = 'application/vnd.google-apps'

export const exportFormats: Readonly<Record<string, readonly string[]>> = {
  [`${google}.document`]: [
    'application/rtf',
    'application/vnd.oasis.opendocument.text',
    'text/html',
    'application/pdf',
    'text/markdown',
    'application/epub+zip',
    'application/zip',
    `${office}.wordprocessingml.document`,
    'text/plain',
  ],
  [`${google}.spreadsheet`]: [
    'application/x-vnd.oasis.opendocument.spreadsheet',
    'text/tab-separated-values',
    'application/pdf',
    `${office}.spreadsheetml.sheet`,
    'text/csv',
    'application/zip',
    'application/vnd.oasis.opendocument.spreadsheet',
  ],
  [`${google}.presentation`]: [
    'application/vnd.oasis.opendocument.presentation',
    'application/pdf',
    `${office}.presentationml.presentation`,
    'text/plain',
  ],
  [`${google}.drawing`]: ['image/svg+xml', 'image/png', 'application/pdf', 'image/jpeg'],
  [`${google}.script`]: [`${google}.script+json`],
  [`${google}.form`]: ['application/zip'],
  [`${google}.jam`]: ['application/pdf'],
}

export const importFormats: Readonly<Record<string, readonly string[]>> = {
  'application/msword': [`${google}.document`],
  'application/pdf': [`${google}.document`],
  'application/rtf': [`${google}.document`],
  'application/vnd.oasis.opendocument.text': [`${google}.document`],
  [`${office}.wordprocessingml.document`]: [`${google}.document`],
  'text/html': [`${google}.document`],
  'text/markdown': [`${google}.document`],
  'text/plain': [`${google}.document`],
  'image/jpeg': [`${google}.document`],
  'image/png': [`${google}.document`],
  'application/vnd.ms-excel': [`${google}.spreadsheet`],
  'application/vnd.oasis.opendocument.spreadsheet': [`${google}.spreadsheet`],
  [`${office}.spreadsheetml.sheet`]: [`${google}.spreadsheet`],
  'text/csv': [`${google}.spreadsheet`],
  'text/tab-separated-values': [`${google}.spreadsheet`],
  'application/vnd.ms-powerpoint': [`${google}.presentation`],
  'application/vnd.oasis.opendocument.presentation': [`${google}.presentation`],
  [`${office}.presentationml.presentation`]: [`${google}.presentation`],
  'application/x-msmetafile': [`${google}.drawing`],
  [`${google}.script+json`]: [`${google}.script`],
}

/** The last part of an export link. */
export const exportNames: Readonly<Record<string, string>> = {
  'application/rtf': 'rtf',
  'application/vnd.oasis.opendocument.text': 'odt',
  'text/html': 'html',
  'application/pdf': 'pdf',
  'text/markdown': 'markdown',
  'application/epub+zip': 'epub',
  'application/zip': 'zip',
  [`${office}.wordprocessingml.document`]: 'docx',
  'text/plain': 'txt',
  'application/x-vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'text/tab-separated-values': 'tsv',
  [`${office}.spreadsheetml.sheet`]: 'xlsx',
  'text/csv': 'csv',
  'application/vnd.oasis.opendocument.presentation': 'odp',
  [`${office}.presentationml.presentation`]: 'pptx',
  'image/svg+xml': 'svg',
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  [`${google}.script+json`]: 'json',
}

/** Formats that hold plain text are exported as that; of all others there is only a mark and the text. */
export function exported(document: Uint8Array, mimeType: string): Buffer {
  if (/^text\/(?:plain|markdown|csv|tab-separated-values)$/.test(mimeType)) return Buffer.from(document)
  return Buffer.concat([Buffer.from(`Exported as ${mimeType}\n`), document])
}
