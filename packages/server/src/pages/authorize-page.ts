import { root } from '@filegate/core'
import type { BackendFacts } from '../backends/backend-facts.ts'
import { readRequest } from '../http/read-request.ts'
import type { Destination } from '../oauth/authorization.ts'
import type { Administration } from '../routes/administration.ts'
import { type Html, html } from './html.ts'
import { pageFoot, pageHead } from './page.ts'

type Asked = Pick<Administration, 'incoming' | 'scope' | 'settings' | 'services'>
type Backend = Pick<BackendFacts, 'id' | 'title'>

/** After everything went well. */
export const allowedPage = (asked: Asked, { id, title }: Backend): string =>
  page(
    asked,
    'Access allowed',
    html`<p>${title} is connected and answers. Its files are read with <code>backend=${id}</code>.</p><p>You can close this page.</p>`,
  )

/** `again` leads to where it begins. */
export const refusedPage = (asked: Asked, reason: string, again: string | undefined): string =>
  page(
    asked,
    'Not connected',
    html`<p>${reason}</p>${again !== undefined && html`<p><a class="button main" href="${again}">Try again</a></p>`}`,
  )

/** For whoever may have been led here by somebody else, and to wherever somebody chose. */
export const crossingPage = (asked: Asked, { id, title, host, isChosen }: Backend & Destination): string =>
  page(
    asked,
    `Allow access to ${title}?`,
    html`<p>Another page may have led you here. Go on if it was you who wants to connect the backend <code>${id}</code>, and with the account that you are logged in with at the vendor.</p><p>${isChosen ? html`This leads to <code>${host}</code>, which is no page of the vendor: whoever connected the backend chose it. Go on only if you know it.` : html`This leads to <code>${host}</code>.`}</p><p><a class="button main" href="authorize">Go on</a></p>`,
  )

function page({ incoming, scope, settings, services }: Asked, title: string, content: Html): string {
  const context = { request: readRequest(incoming, 'v1', root, ''), scope, settings, services }
  return String(html`${pageHead(context, title)}<div class="title"><div><h1>${title}</h1></div></div>
<div class="card empty">${content}</div>${pageFoot([])}`)
}
