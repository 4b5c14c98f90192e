import { joinPath, root } from '@filegate/core'
import type { ViewContext } from '../views/view.ts'
import { shownName } from './format.ts'
import { type Html, html, trustedHtml } from './html.ts'
import { folderLink } from './links.ts'

/** What every page needs to know of the request. */
export type PageContext = Pick<ViewContext, 'request' | 'scope' | 'settings' | 'services'>

/** Our pages load nothing but our assets and the files that are served, and run no inline script. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "frame-src 'self'",
  "font-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': contentSecurityPolicy,
  'cache-control': 'no-cache',
}

/** Of a page from which something can be changed, by requests to this server. */
export const changingPageHeaders: Readonly<Record<string, string>> = {
  ...pageHeaders,
  'content-security-policy': `${contentSecurityPolicy}; connect-src 'self'`,
}

export const icon = (name: string, style = ''): Html =>
  html`<svg aria-hidden="true"${style !== '' && html` class="${style}"`}><use href="#i-${name}"/></svg>`

/** Everything above the content of a page. `title` is what the path is called, unescaped. */
export function pageHead(context: PageContext, title: string): Html {
  const { assets } = context.services
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${shownName(title)}</title>
<link rel="stylesheet" href="${assets.base}/filegate.css">
<link rel="icon" type="image/svg+xml" href="${assets.base}/favicon.svg">
<script type="module" src="${assets.base}/filegate.js"></script>
</head>
<body>
${trustedHtml(assets.icons)}
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
${crumbs(context)}
${context.scope.user !== null && html`<span class="user" title="Logged in as">${context.scope.user}</span>`}
</header>
<main id="content">
`
}

/** Everything below it. `links` lead to other forms of the same thing. */
export function pageFoot(links: readonly Html[]): Html {
  return html`
</main>
<footer>
<span>filegate</span><span class="gap"></span>
${links}
</footer>
</body>
</html>
`
}

/** Where one is, with a link to each folder on the way. */
function crumbs(context: PageContext): Html {
  const segments = context.request.path === '' ? [] : context.request.path.split('/')
  let path = root
  const items = segments.map((segment, depth) => {
    path = joinPath(path, segment)
    const name = html`<bdi>${shownName(segment)}</bdi>`
    if (depth === segments.length - 1) return html`<li><span aria-current="page">${name}</span></li>`
    return html`<li><a href="${folderLink(context, path)}">${name}</a></li>`
  })
  const home = html`<li><a class="home" href="${folderLink(context, root)}" aria-label="Home" title="Home">${icon('gate')}</a></li>`
  return html`<nav class="crumbs" aria-label="Path"><ol>${home}${items}</ol></nav>`
}
