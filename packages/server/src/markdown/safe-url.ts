/** Stands for the address of the page. Nobody can own a name under `invalid` (RFC 2606). */
const base = new URL('http://filegate.invalid/folder/page')
const linkSchemes: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:'])

function parse(href: string): URL | undefined {
  return URL.canParse(href, base.href) ? new URL(href, base) : undefined
}

/** Whether browsers, which drop control characters and take `\` for `/`, would stay on our server with it. */
export function isRelativeUrl(href: string): boolean {
  const url = parse(href)
  // An absolute address of the stand-in is no relative one, although it looks like that once resolved.
  return (
    url !== undefined &&
    url.origin === base.origin &&
    !/filegate\.invalid/i.test(href) &&
    !/^[a-z][a-z\d+.-]*:/i.test(trimmed(href))
  )
}

/** What a URL parser drops before it looks at anything: see the URL standard, section 4.4. */
const trimmed = (href: string): string => href.replace(/[\p{Cc} ]/gu, '')

/** Whether a link may lead there: to a page of the web, to a mailbox, or to something beside the document. */
export function isSafeLink(href: string): boolean {
  const url = parse(href)
  return url !== undefined && linkSchemes.has(url.protocol)
}
