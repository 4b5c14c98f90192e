import { collectBytes, type FileEntry, StorageError } from '@filegate/core'
import { contentType, sampleSize } from '../http/content-type.ts'
import { decodeText } from '../markdown/decode-text.ts'
import { binaryHtml, documentHtml, type FilePage, mediaHtml, mediumOf, textHtml } from '../pages/file-page.ts'
import { pageHeaders } from '../pages/page.ts'
import { offeredChanges } from '../pages/offered-changes.ts'
import { splitLines } from '../pages/text-lines.ts'
import { mostEdited } from './edit-page.ts'
import { listDirectory } from './listing.ts'
import type { View, ViewContext } from './view.ts'

/** What a page of text holds at most; a note says so and links to the whole. */
const mostBytes = 1024 * 1024
const mostLines = 10_000
/** Longer documents are shown as text. */
const mostMarkdown = 256 * 1024

/** A page that shows a file to a reader: text, Markdown, pictures, sound, video, PDF; or what is known of anything else. */
export const viewPage: View = {
  name: 'view',
  takes: 'any',
  respond(context) {
    const { source, request, reply } = context
    // With `&source`, the text of what would otherwise be rendered.
    const asSource = request.query.flag('source')
    if (source.entry.kind === 'directory') return listDirectory(context, 'text/html')
    if (request.method === 'HEAD') return reply(200, pageHeaders, null)
    return showFile(context, source.entry, asSource).then((html) => reply(200, pageHeaders, html))
  },
}

async function showFile(context: ViewContext, entry: FileEntry, asSource: boolean): Promise<string> {
  const type = contentType(entry.name, await firstBytes(context, entry, sampleSize))
  const essence = type.split(';', 1)[0] ?? type
  const isText = type.includes('charset=')
  const medium = mediumOf(essence)
  const isMarkdown = isText && essence === 'text/markdown'
  const hasSource = isMarkdown || (isText && medium !== undefined)
  const page: FilePage = { entry, type: essence, asSource, hasSource, canEdit: isText && isOffered(context, entry) }
  if (medium && !(asSource && isText)) return mediaHtml(context, page, medium)
  return isText ? showText(context, page, isMarkdown && !asSource) : binaryHtml(context, page)
}

function isOffered(context: ViewContext, { size = 0 }: FileEntry): boolean {
  const offered = offeredChanges(context)
  return offered.upload && offered.delete && size <= mostEdited
}

async function showText(context: ViewContext, page: FilePage, asDocument: boolean): Promise<string> {
  const { documents } = context.services
  const bytes = await firstBytes(context, page.entry, mostBytes)
  const partial = bytes.length < (page.entry.size ?? bytes.length)
  const { text, charset } = await decodeText(bytes, documents)
  if (asDocument && !partial && bytes.length <= mostMarkdown) {
    const rendered = await documents.markdown(text).catch(tooMuch)
    if (rendered !== undefined) return documentHtml(context, page, rendered)
  }
  return textHtml(
    context,
    { ...page, hasSource: page.hasSource && page.asSource },
    splitLines(text, mostLines, partial),
    charset,
  )
}

/** A document that asks too much of the renderer is still text, which can be shown. */
function tooMuch(error: unknown): undefined {
  if (StorageError.is(error)) return undefined
  throw error
}

async function firstBytes(
  { source, request }: ViewContext,
  { size }: FileEntry,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  // No range can be asked of an empty file.
  if (size === 0) return new Uint8Array()
  const { signal } = request
  const { body } = await source.open({ range: { start: 0, end: most }, signal })
  return collectBytes(body, signal)
}
