const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** XML made of elements; text goes through `text`. */
export type Xml = { readonly xml: string }

export const text = (value: string | number | bigint): Xml => ({
  xml: String(value).replaceAll(/[&<>"]/g, (character) => escapes[character] ?? character),
})

export function element(
  name: string,
  content: Xml | readonly Xml[] | string | number | bigint = [],
  attributes: Readonly<Record<string, string | undefined>> = {},
): Xml {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${text(value).xml}"`],
  )
  const inner = inside(content)
  const start = `<${name}${given.join('')}`
  return { xml: inner === '' ? `${start} />` : `${start}>${inner}</${name}>` }
}

function inside(content: Xml | readonly Xml[] | string | number | bigint): string {
  if (typeof content !== 'object') return text(content).xml
  return 'xml' in content ? content.xml : content.map(({ xml }) => xml).join('')
}

/** A document as the service writes it, with a byte order mark before it. */
export const xmlDocument = (root: Xml): Buffer =>
  Buffer.from(`\u{FEFF}<?xml version="1.0" encoding="utf-8"?>${root.xml}`, 'utf8')
