const special = /[&<>"']/g
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text made safe for an element's content and for a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(special, (char) => entities[char] ?? char)
}

/** Markup that is known to be safe. Made by `html` alone, or by `trustedHtml` from a source that stands for itself. */
export class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

export const trustedHtml = (markup: string): Html => new Html(markup)

type Value = Html | string | number | false | null | undefined | readonly (Html | string)[]

/**
 * Writes markup: what stands in the template is taken as it is, every value put into it is escaped unless it is `Html`
 * itself. Nothing is written for `false`, `null` and `undefined`, so `condition && html`...`` works.
 */
export function html(template: TemplateStringsArray, ...values: readonly Value[]): Html {
  let markup = template[0] ?? ''
  for (const [position, value] of values.entries()) markup += written(value) + (template[position + 1] ?? '')
  return new Html(markup)
}

function written(value: Value): string {
  if (value === false || value === null || value === undefined) return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'object') return value.map(written).join('')
  return escapeHtml(String(value))
}
