import { Marked, type RendererObject, type Tokens } from 'marked'
import { escapeHtml } from '../pages/html.ts'
import { isRelativeUrl, isSafeLink } from './safe-url.ts'

/** Anchors of headings start with this, so that no document can take a name that our pages use. */
const anchorPrefix = 'md-'

/** Characters. A few lines of Markdown can stand for any amount of HTML. */
const mostRendered = 8 * 1024 * 1024

/**
 * Markdown as HTML that is safe in our own pages whatever the document holds: markup in it is shown, not obeyed; links
 * lead only where `isSafeLink` allows, pictures only come from our own server. It throws on nesting beyond all reason,
 * and hostile input can make it slow, so it runs in a worker with a deadline.
 */
export function markdownHtml(source: string): string {
  const marked = new Marked({ gfm: true, async: false, renderer: createRenderer() })
  const parsed = marked.parse(source)
  if (typeof parsed !== 'string' || parsed.length > mostRendered) throw new Error('it grows too large')
  return parsed
}

/** Text in which character references were left standing by the parser, as Markdown has them. */
function escapeText(text: string): string {
  return text.replace(/&(?!(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});)|[<>"']/gi, (char) => escapeHtml(char))
}

/** Every method that puts text or an address of the document into the output is here; the rest only nests these. */
function createRenderer(): RendererObject {
  const anchors = new Map<string, number>()
  return {
    html: ({ text }) => (/^<!--.*?-->\s*$/s.test(text) ? '' : escapeHtml(text)),
    text(token) {
      return 'tokens' in token && token.tokens ? this.parser.parseInline(token.tokens) : escapeText(token.text)
    },
    codespan: ({ text }) => `<code>${escapeHtml(text)}</code>`,
    code: ({ text }) => `<pre><code>${escapeHtml(text)}\n</code></pre>\n`,
    heading({ tokens, depth, text }) {
      const anchor = uniqueAnchor(anchors, text)
      return `<h${depth} id="${escapeHtml(anchor)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
    },
    link(token) {
      const text = this.parser.parseInline(token.tokens)
      const href = token.href.replaceAll('&amp;', '&')
      if (!isSafeLink(href)) return text
      const elsewhere = isRelativeUrl(href) ? '' : ' rel="noopener noreferrer nofollow"'
      return `<a href="${escapeHtml(viewedHref(href))}"${titleOf(token)}${elsewhere}>${text}</a>`
    },
    image(token) {
      const href = token.href.replaceAll('&amp;', '&')
      if (!isRelativeUrl(href)) return `<em>${escapeText(token.text)}</em>`
      return `<img src="${escapeHtml(href)}" alt="${escapeText(token.text)}"${titleOf(token)} loading="lazy">`
    },
    tablecell({ tokens, header, align }) {
      const name = header ? 'th' : 'td'
      return `<${name}${align ? ` class="${align}"` : ''}>${this.parser.parseInline(tokens)}</${name}>\n`
    },
    checkbox: ({ checked }) => `<input type="checkbox" disabled${checked ? ' checked' : ''}> `,
    listitem(item) {
      return `<li>${this.parser.parse(item.tokens)}</li>\n`
    },
  }
}

const titleOf = ({ title }: Pick<Tokens.Link, 'title'>): string => (title ? ` title="${escapeText(title)}"` : '')

/** A link to another document opens its view, not its source, and one to a heading finds the anchor we gave it. */
function viewedHref(href: string): string {
  if (!isRelativeUrl(href)) return href
  const [, path = '', anchor] = /^([^#]*)(?:#(.*))?$/s.exec(href) ?? []
  const view = /\.(?:md|markdown)$/i.test(path) ? `${path}?view` : path
  if (anchor === undefined || (path !== '' && view === path)) return view + (anchor === undefined ? '' : `#${anchor}`)
  return `${view}#${anchorPrefix}${anchor}`
}

/** As GitHub makes them: small letters, dashes for spaces, numbered when they repeat. */
function uniqueAnchor(anchors: Map<string, number>, text: string): string {
  const slug = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
  const seen = anchors.get(slug) ?? 0
  anchors.set(slug, seen + 1)
  return `${anchorPrefix}${slug}${seen === 0 ? '' : `-${seen}`}`
}
