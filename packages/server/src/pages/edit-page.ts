import { baseName, type StoragePath } from '@filegate/core'
import { shownName } from './format.ts'
import { type Html, html } from './html.ts'
import { fileLink } from './links.ts'
import { icon, type PageContext, pageFoot, pageHead } from './page.ts'

export interface EditPage {
  readonly path: StoragePath
  /** Of what the page is made of; undefined for a file that is not there yet. */
  readonly etag: string | undefined
}

/** The editor: its script loads the text, and saves it in the version that it was loaded in or asks which one is to stay. */
export function editHtml(context: PageContext, { path, etag }: EditPage): string {
  const { base } = context.services.assets
  const name = baseName(path)
  const url = fileLink(context, path)
  const made = etag === undefined ? html` data-new` : html` data-etag="${etag}"`
  return String(html`${pageHead(context, `Edit ${name}`)}<script type="module" src="${base}/edit.js"></script>
<div class="title">
<div><h1><bdi>${shownName(name)}</bdi></h1><p class="facts"><span id="edit-place"></span><span id="edit-form"></span><span id="edit-status" role="status"></span></p></div>
<div class="tools">${etag !== undefined && html`<a class="button" href="${url}">${icon('file')}Raw</a>`}<button class="button" type="button" id="edit-undo" hidden>Bring mine back</button><button class="button main" type="button" id="edit-save" aria-keyshortcuts="Control+S Meta+S" disabled>${icon('save')}Save</button></div>
</div>
<noscript><p class="note">The editor needs JavaScript. Without it a file is changed by uploading it anew, with PUT.</p></noscript>
${conflict}<div class="versions" id="editor" data-url="${url}"${made} hidden>
<label class="version"><span>Your version</span><textarea class="card" id="edit-mine" spellcheck="false" autocomplete="off" autocapitalize="off" aria-describedby="edit-keys"></textarea></label>
<label class="version" id="edit-theirs-pane" hidden><span>Their version</span><textarea class="card" id="edit-theirs" spellcheck="false" readonly></textarea></label>
</div>
<p class="keys" id="edit-keys">Ctrl+S or ⌘S saves. Tab indents; Esc, then Tab, leaves the text.</p>
${pageFoot([])}`)
}

const conflict: Html = html`<section class="note conflict" id="edit-conflict" aria-labelledby="edit-conflict-text" hidden>
<p id="edit-conflict-text" role="alert"></p>
<p class="tools"><button class="button" type="button" id="edit-take">Take theirs</button><button class="button" type="button" id="edit-over">Save mine over it</button></p>
</section>
`
