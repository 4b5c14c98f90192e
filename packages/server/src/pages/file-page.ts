import type { FileEntry } from '@filegate/core'
import { count, exactSize, humanSize, shownName } from './format.ts'
import { type Html, html, trustedHtml } from './html.ts'
import { iconOf } from './icon-of.ts'
import { sameLink, sameQuery } from './links.ts'
import { timeOf } from './listing-page.ts'
import { icon, type PageContext, pageFoot, pageHead } from './page.ts'
import { lineHtml, type ShownLines } from './text-lines.ts'

export interface FilePage {
  readonly entry: FileEntry
  /** The media type without parameters. */
  readonly type: string
  /** Whether the reader asked for the source of what can be rendered. */
  readonly asSource: boolean
  /** Whether there is a source besides the rendered form. */
  readonly hasSource: boolean
  /** Whether the reader is offered the editor. */
  readonly canEdit: boolean
}

/** How a browser shows a file by itself. */
export type Medium = 'image' | 'audio' | 'video' | 'document'

/** Pictures that every browser knows; another kind is offered for download. */
const pictures: ReadonlySet<string> = new Set(
  'apng avif bmp gif jpeg png svg+xml vnd.microsoft.icon webp x-icon'.split(' ').map((subtype) => `image/${subtype}`),
)

export function mediumOf(type: string): Medium | undefined {
  if (pictures.has(type)) return 'image'
  if (type === 'application/pdf') return 'document'
  if (type.startsWith('audio/')) return 'audio'
  return type.startsWith('video/') ? 'video' : undefined
}

export function mediaHtml(context: PageContext, page: FilePage, medium: Medium): string {
  const url = sameLink(context, page.entry.path)
  const name = shownName(page.entry.name)
  const players: Readonly<Record<Medium, () => Html>> = {
    image: () => html`<img src="${url}" alt="${name}">`,
    audio: () => html`<audio src="${url}" controls preload="metadata"></audio>`,
    video: () => html`<video src="${url}" controls preload="metadata" playsinline></video>`,
    document: () => html`<iframe src="${url}" title="${name}"></iframe>`,
  }
  return framed(context, page, [], html`<div class="card media">${players[medium]()}</div>`)
}

/** `rendered` comes from `markdownHtml`, which lets nothing through. */
export function documentHtml(context: PageContext, page: FilePage, rendered: string): string {
  return framed(context, page, [], html`<article class="card prose">${trustedHtml(rendered)}</article>`)
}

export function textHtml(context: PageContext, page: FilePage, { lines, cut }: ShownLines, charset: string): string {
  const url = sameLink(context, page.entry.path)
  const amount = count(lines.length, 'line', 'lines')
  const note = html`<p class="note">Only the beginning is shown: ${amount}. <a href="${url}">Open the whole file</a></p>`
  const numbered = lines.map(
    (line, index) =>
      `<div class="line" id="L${index + 1}"><a href="#L${index + 1}" data-line="${index + 1}" aria-label="Line ${index + 1}"></a><code>${lineHtml(line)}\n</code></div>`,
  )
  const text = html`<div class="card text${lines.length > 9999 && ' digits-5'}">${trustedHtml(numbered.join(''))}</div>`
  const empty = html`<div class="card empty"><p>This file is empty.</p></div>`
  const facts = [html`<span>${amount}</span>`, html`<span>${charset}</span>`]
  return framed(context, page, cut ? facts.slice(1) : facts, html`${cut && note}${lines.length > 0 ? text : empty}`)
}

export function binaryHtml(context: PageContext, page: FilePage): string {
  const { entry, type } = page
  return framed(
    context,
    page,
    [],
    html`<div class="card empty">${icon(iconOf(entry.name, 'File'))}<p>A file of the type ${type} cannot be shown here.</p>
<p><a class="button main" href="${sameLink(context, entry.path, 'download')}">${icon('download')}Download${entry.size !== undefined && ` (${humanSize(entry.size)})`}</a></p></div>`,
  )
}

function framed(context: PageContext, page: FilePage, facts: readonly Html[], content: Html): string {
  const { entry, type } = page
  const here = (form: string): string => sameQuery(context, form)
  const known = [
    entry.size !== undefined && html`<span title="${exactSize(entry.size)}">${humanSize(entry.size)}</span>`,
    entry.modified !== undefined && html`<span>${timeOf(Math.trunc(entry.modified))}</span>`,
    html`<span>${type}</span>`,
  ].filter((fact) => fact !== false)
  return String(html`${pageHead(context, entry.name)}<div class="title">
<div><h1><bdi>${shownName(entry.name)}</bdi></h1><p class="facts">${known}${facts}</p></div>
<div class="tools">${page.hasSource && sourceSwitch(page, here)}${page.canEdit && html`<a class="button" href="?edit">${icon('edit')}Edit</a>`}<a class="button" href="${sameLink(context, entry.path)}">${icon('file')}Raw</a><a class="button" href="${sameLink(context, entry.path, 'download')}" download>${icon('download')}Download</a></div>
</div>
${content}${pageFoot([html`<a href="${here('stat')}">Details</a>`, html`<a href="${here('json')}">JSON</a>`])}`)
}

function sourceSwitch({ asSource }: FilePage, here: (form: string) => string): Html {
  const choice = (href: string, text: string, current: boolean): Html =>
    html`<a href="${href}"${current && html` aria-current="true"`}>${text}</a>`
  return html`<span class="switch">${choice(here('view'), 'Rendered', !asSource)}${choice(here('view&source'), 'Source', asSource)}</span>`
}
