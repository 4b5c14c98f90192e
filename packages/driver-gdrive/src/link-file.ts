import type { LinkExtension } from './formats.ts'

interface Link {
  readonly name: string
  readonly url: string
}

const templates: Readonly<Record<LinkExtension, (link: Link) => string>> = {
  /** https://specifications.freedesktop.org/desktop-entry-spec/latest: an entry of the type Link. */
  desktop: ({ name, url }) =>
    `[Desktop Entry]\nVersion=1.5\nType=Link\nName=${oneLine(name)}\nIcon=text-html\nURL=${oneLine(url)}\n`,
  'link.html': ({ name, url }) =>
    `<!doctype html>\n<meta charset="utf-8">\n<meta http-equiv="refresh" content="0; url=${markup(url)}">\n` +
    `<title>${markup(name)}</title>\n<a href="${markup(url)}">${markup(name)}</a>\n`,
  url: ({ url }) => `[InternetShortcut]\r\nURL=${oneLine(url)}\r\n`,
  webloc: ({ url }) =>
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n' +
    `<plist version="1.0">\n<dict>\n\t<key>URL</key>\n\t<string>${markup(url)}</string>\n</dict>\n</plist>\n`,
}

export const linkTypes: Readonly<Record<LinkExtension, string>> = {
  desktop: 'application/x-desktop',
  'link.html': 'text/html',
  url: 'application/x-mswinurl',
  webloc: 'application/x-webloc',
}

/** A small file that leads to a document, as the systems of users know such files. */
export const linkFile = (extension: LinkExtension, link: Link): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(templates[extension](link))

/** A name may hold line breaks, behind which it could say anything. */
const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ')

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text inside HTML and XML, which has no control characters. */
const markup = (text: string): string => oneLine(text).replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign)
