import { encodeUrlPath } from '@filegate/core'
import { type Html, html } from './html.ts'
import type { OfferedChanges } from './offered-changes.ts'
import { urlOf } from './links.ts'
import { icon, type PageContext } from './page.ts'

/** What a folder can be changed with, for those who may. The script makes it work, and shows it then. */
export function changeTools(context: PageContext, changes: OfferedChanges): Html | false {
  if (!changes.upload && !changes.delete) return false
  const { request, settings } = context
  const { path } = request
  const base = urlOf(context, path, 'directory')
  const api = `${settings.pathPrefix}/api/v1/files/${path === '' ? '' : `${encodeUrlPath(path)}/`}`
  const can = [changes.upload && 'upload', changes.delete && 'delete', settings.trash && 'trash']
    .filter(Boolean)
    .join(' ')
  return html`<span class="tools" id="changes" data-base="${base}" data-api="${api}" data-can="${can}" hidden>
<label class="button">${icon('upload')}Upload<input class="hidden-visually" type="file" multiple></label>
<button class="button" type="button" id="new-folder">${icon('add')}Folder</button><button class="button" type="button" id="new-file">${icon('add')}File</button>
</span>`
}

/** Where the script tells what becomes of changes; and the script. */
export function changeStatus({ services }: PageContext, changes: OfferedChanges): Html | false {
  if (!changes.upload && !changes.delete) return false
  return html`<div class="card uploads" id="uploads" hidden></div><p class="note" id="change-status" role="status" hidden></p>
<script type="module" src="${services.assets.base}/changes.js"></script>
`
}
