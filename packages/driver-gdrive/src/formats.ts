/** What endings of names mean: https://developers.google.com/workspace/drive/api/guides/ref-export-formats. */
const types: Readonly<Record<string, readonly string[]>> = {
  bmp: ['image/bmp'],
  csv: ['text/csv'],
  doc: ['application/msword'],
  docm: ['application/vnd.ms-word.document.macroenabled.12'],
  docx: ['application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  dotm: ['application/vnd.ms-word.template.macroenabled.12'],
  dotx: ['application/vnd.openxmlformats-officedocument.wordprocessingml.template'],
  epub: ['application/epub+zip'],
  gif: ['image/gif'],
  html: ['text/html'],
  jpeg: ['image/jpeg'],
  jpg: ['image/jpeg'],
  json: ['application/vnd.google-apps.script+json', 'application/json'],
  md: ['text/markdown', 'text/x-markdown'],
  odp: ['application/vnd.oasis.opendocument.presentation'],
  ods: ['application/vnd.oasis.opendocument.spreadsheet', 'application/x-vnd.oasis.opendocument.spreadsheet'],
  odt: ['application/vnd.oasis.opendocument.text'],
  pdf: ['application/pdf'],
  pjpeg: ['image/pjpeg'],
  png: ['image/png'],
  pot: ['application/vnd.ms-powerpoint'],
  potm: ['application/vnd.ms-powerpoint.template.macroenabled.12'],
  potx: ['application/vnd.openxmlformats-officedocument.presentationml.template'],
  pps: ['application/vnd.ms-powerpoint'],
  ppsx: ['application/vnd.openxmlformats-officedocument.presentationml.slideshow'],
  ppt: ['application/vnd.ms-powerpoint'],
  pptm: ['application/vnd.ms-powerpoint.presentation.macroenabled.12'],
  pptx: ['application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  rtf: ['application/rtf', 'text/rtf', 'text/richtext'],
  svg: ['image/svg+xml'],
  tsv: ['text/tab-separated-values'],
  txt: ['text/plain'],
  wmf: ['image/x-wmf', 'application/x-msmetafile'],
  xls: ['application/vnd.ms-excel'],
  xlsm: ['application/vnd.ms-excel.sheet.macroenabled.12'],
  xlsx: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  xltm: ['application/vnd.ms-excel.template.macroenabled.12'],
  xltx: ['application/vnd.openxmlformats-officedocument.spreadsheetml.template'],
  zip: ['application/zip', 'application/x-zip-compressed'],
}

/** Endings of small files that lead to a document. */
export const linkExtensions = ['desktop', 'link.html', 'url', 'webloc'] as const
export type LinkExtension = (typeof linkExtensions)[number]

/** What documents are exported as where nobody chose anything that they can be exported as. */
const usual: readonly string[] = ['docx', 'xlsx', 'pptx', 'svg']

export const isLink = (extension: string): extension is LinkExtension =>
  linkExtensions.some((link) => link === extension)

/** How an ending is written in a list of them: `.DOCX` is `docx`. */
const plain = (word: string): string => word.toLowerCase().replace(/^\./, '')

export const isExtension = (word: string): boolean => Object.hasOwn(types, plain(word)) || isLink(plain(word))

/** As what a Google document is shown. */
export type ExportFormat =
  | { readonly kind: 'export'; readonly extension: string; readonly type: string }
  | { readonly kind: 'link'; readonly extension: LinkExtension }

/** Into what, by the type of it, things can be turned, as the vendor tells it of itself. */
export type Conversions = Readonly<Record<string, readonly string[]>>

/** The endings that were chosen, and after them the usual ones. */
export const exportChoice = (chosen: readonly string[]): readonly string[] => [
  ...new Set([...chosen.map(plain), ...usual]),
]

/** The first of the endings as which a document of that type can be shown. */
export function exportFormat(
  documentType: string,
  extensions: readonly string[],
  conversions: Conversions,
): ExportFormat | undefined {
  const possible = Object.hasOwn(conversions, documentType) ? (conversions[documentType] ?? []) : []
  for (const extension of extensions) {
    if (isLink(extension)) return { kind: 'link', extension }
    const type = types[extension]?.find((one) => possible.includes(one))
    if (type !== undefined) return { kind: 'export', extension, type }
  }
  return undefined
}

/** How an upload becomes a Google document. */
export interface ImportFormat {
  /** The ending of the upload. */
  readonly extension: string
  /** Of the upload. */
  readonly type: string
  /** Of the document. */
  readonly documentType: string
}

/** As what a file of that name is imported; `undefined` where it stays a file. */
export function importFormat(
  name: string,
  extensions: readonly string[],
  conversions: Conversions,
): ImportFormat | undefined {
  const extension = extensions.map(plain).find((one) => name.toLowerCase().endsWith(`.${one}`))
  if (extension === undefined) return undefined
  for (const type of types[extension] ?? []) {
    const documentType = Object.hasOwn(conversions, type) ? conversions[type]?.[0] : undefined
    if (documentType !== undefined) return { extension, type, documentType }
  }
  return undefined
}

/** A name without an ending, which it has. */
export const withoutExtension = (name: string, extension: string): string =>
  name.slice(0, name.length - extension.length - 1)

export const hasExtension = (name: string, extension: string): boolean => name.endsWith(`.${extension}`)
