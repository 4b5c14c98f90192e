import { baseName, joinPath, parentPath, root, type StoragePath } from '@filegate/core'
import { isDirectoryType, type Row } from '../listing/row.ts'
import { type RowColumns, rowsOf } from '../listing/row-columns.ts'
import type { Sorting } from '../listing/arrange-rows.ts'
import { count, exactSize, grouped, humanSize, isoTime, shortTime, shownName } from './format.ts'
import { type Html, html } from './html.ts'
import { iconOf } from './icon-of.ts'
import { changeStatus, changeTools } from './change-tools.ts'
import type { OfferedChanges } from './offered-changes.ts'
import { archiveLink, fileLink, folderLink, folderQuery, sameQuery } from './links.ts'
import { icon, type PageContext, pageFoot, pageHead } from './page.ts'

/** Entries on one page. A browser shows so many at once without a pause that anybody would notice. */
export const rowsOnPage = 2000

export interface ListingPage {
  /** Of all pages, sorted. */
  readonly rows: RowColumns
  readonly sorting: Sorting
  /** From 1. */
  readonly page: number
  readonly canArchive: boolean
  readonly changes: OfferedChanges
}

/** Other forms of a listing, and what their links say. */
const forms = { json: 'JSON', simple: 'Text' }

const rowsInPiece = 64

/** The page of a directory, in pieces. */
export function* listingHtml(context: PageContext, listing: ListingPage): Generator<string> {
  const { path } = context.request
  const name = path === '' ? 'Files' : baseName(path)
  const start = (listing.page - 1) * rowsOnPage
  const shown = rowsOf(listing.rows, start, start + rowsOnPage)
  yield String(
    html`${pageHead(context, name)}${heading(context, listing, name)}${changeStatus(context, listing.changes)}`,
  )
  yield String(html`<div class="card">${(path !== root || shown.length > 0) && tableHead(context, listing)}`)
  for (let at = 0; at < shown.length; at += rowsInPiece) {
    yield shown
      .slice(at, at + rowsInPiece)
      .map((row) => String(tableRow(context, path, row, listing)))
      .join('')
  }
  if (path !== root || shown.length > 0) yield '</tbody></table>'
  if (shown.length === 0) yield String(emptiness)
  const others = (['json', 'simple'] as const).map(
    (form) => html`<a href="${sameQuery(context, form)}">${forms[form]}</a>`,
  )
  yield String(html`</div>${pager(context, listing)}${pageFoot(others)}`)
}

function heading(context: PageContext, { rows, page, canArchive, changes }: ListingPage, name: string): Html {
  const zip =
    canArchive &&
    html`<a class="button" href="${sameQuery(context, 'zip')}" download>${icon('download')}Download as zip</a>`
  const filter = html`<div class="filter" role="search" hidden>
${icon('search')}<input type="search" aria-label="Filter by name" placeholder="Filter${rows.types.length > rowsOnPage && ' this page'}" autocomplete="off" spellcheck="false">
</div>`
  return html`<div class="title">
<div><h1><bdi>${shownName(name)}</bdi></h1><p class="facts">${facts(rows, page)}<span id="filter-status" role="status"></span></p></div>
<div class="tools">${rows.types.length > 0 && filter}${zip}${changeTools(context, changes)}</div>
</div>
`
}

function facts(rows: RowColumns, page: number): Html[] {
  const { directories, bytes } = rows
  const files = rows.types.length - directories
  const said: Html[] = []
  if (directories > 0) said.push(html`<span>${count(directories, 'folder', 'folders')}</span>`)
  if (files > 0) {
    said.push(html`<span>${count(files, 'file', 'files')}</span>`)
    said.push(html`<span title="${exactSize(bytes)}">${humanSize(bytes)}</span>`)
  }
  const pages = pagesOf(rows)
  if (pages > 1) said.push(html`<span>page ${page} of ${pages}</span>`)
  return said
}

export const pagesOf = (rows: RowColumns): number => Math.max(1, Math.ceil(rows.types.length / rowsOnPage))

const columns: readonly { readonly field: Sorting['field']; readonly title: string; readonly style: string }[] = [
  { field: 'name', title: 'Name', style: 'name' },
  { field: 'size', title: 'Size', style: 'number' },
  { field: 'mtime', title: 'Modified', style: 'time' },
]

function tableHead(context: PageContext, { sorting }: ListingPage): Html {
  const cells = columns.map(({ field, title, style }) => {
    const active = field === sorting.field
    const spoken = sorting.order === 'asc' ? 'ascending' : 'descending'
    const url = folderQuery(context, `sort=${field}&order=${nextOrder(field, sorting)}`)
    return html`<th scope="col" class="${style}"${active && html` aria-sort="${spoken}"`}><a href="${url}">${title}${icon('down')}</a></th>`
  })
  return html`<table class="listing">
<thead><tr>${cells}<th scope="col"><span class="hidden-visually">Actions</span></th></tr></thead>
${context.request.path !== root && parentRow(context)}<tbody class="entries">
`
}

/** The other order for the column that sorts now; for another one the order that people look for first. */
function nextOrder(field: Sorting['field'], sorting: Sorting): Sorting['order'] {
  if (field === sorting.field) return sorting.order === 'asc' ? 'desc' : 'asc'
  return field === 'name' ? 'asc' : 'desc'
}

function parentRow(context: PageContext): Html {
  const url = folderLink(context, parentPath(context.request.path))
  return html`<tbody><tr><td class="name"><a href="${url}">${icon('up')}<span>Parent folder</span></a></td><td class="number"></td><td class="time"></td><td class="actions"></td></tr></tbody>
`
}

type Offered = Pick<ListingPage, 'canArchive' | 'changes'>

function tableRow(context: PageContext, directory: StoragePath, row: Row, { canArchive, changes }: Offered): Html {
  const canEdit = changes.upload && changes.delete
  const folder = isDirectoryType(row.type)
  const path = joinPath(directory, row.name)
  const url = folder ? folderLink(context, path) : fileLink(context, path)
  const picture = iconOf(row.name, row.type)
  const name = shownName(row.name)
  const link = row.type.startsWith('Symlink') && html` <span class="link" title="Symbolic link">link</span>`
  return html`<tr><td class="name"><a href="${url}">${icon(picture, `t-${picture}`)}<bdi>${name}</bdi>${link}</a></td>${sizeCell(row, folder)}<td class="time">${timeOf(row.mtime)}</td><td class="actions">${folder ? canArchive && action(archiveLink(context, path), 'download', `Download ${name} as zip`) : fileActions(context, path, canEdit && editable.has(picture))}</td></tr>
`
}

function sizeCell({ size }: Row, folder: boolean): Html {
  if (size === null) return html`<td class="number"></td>`
  if (folder) return html`<td class="number">${count(size, 'item', 'items')}</td>`
  return html`<td class="number" title="${exactSize(size)}">${humanSize(size)}</td>`
}

/** A moment in UTC; the script of the page puts it into the zone of the reader. */
export function timeOf(milliseconds: number | null): Html | false {
  const short = milliseconds !== null && shortTime(milliseconds)
  return milliseconds !== null && html`<time datetime="${isoTime(milliseconds)}" title="${short} UTC">${short}</time>`
}

/** What is probably a text, by its name. */
const editable: ReadonlySet<string> = new Set(['text', 'code'])

function fileActions(context: PageContext, path: StoragePath, canEdit: boolean): Html {
  const name = shownName(baseName(path))
  const to = (form: string, says: string): Html => action(fileLink(context, path, form), form, `${says} ${name}`)
  return html`${canEdit && to('edit', 'Edit')}${to('view', 'View')}${to('download', 'Download')}`
}

const action = (url: string, picture: string, label: string): Html =>
  html`<a href="${url}" aria-label="${label}" title="${label}">${icon(picture)}</a>`

const emptiness = html`<div class="empty">${icon('folder')}<p>This folder is empty.</p></div>`

function pager(context: PageContext, { rows, sorting, page }: ListingPage): Html | false {
  const pages = pagesOf(rows)
  if (pages === 1) return false
  const to = (target: number, text: string, relation: string): Html =>
    html`<a class="button" rel="${relation}" href="${folderQuery(context, `sort=${sorting.field}&order=${sorting.order}&page=${target}`)}">${text}</a>`
  const first = (page - 1) * rowsOnPage + 1
  const last = Math.min(page * rowsOnPage, rows.types.length)
  return html`<nav class="pages" aria-label="Pages">${page > 1 && to(page - 1, 'Previous page', 'prev')}
<span>${grouped(first)}–${grouped(last)} of ${grouped(rows.types.length)}</span>
${page < pages && to(page + 1, 'Next page', 'next')}</nav>`
}
