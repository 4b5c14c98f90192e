import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeHtml, html } from './html.ts'

test('values are escaped and markup of our own is not', () => {
  const inner = html`<b>${'<script>"\'&'}</b>`
  expect(html`<p title="${'a"b'}">${inner}</p>`.toString()).toBe(
    '<p title="a&quot;b"><b>&lt;script&gt;&quot;&#39;&amp;</b></p>',
  )
})

test('nothing is written for what is absent, and lists are written one after the other', () => {
  expect(html`[${false}${null}${undefined}${[html`<i></i>`, '<']}${0}]`.toString()).toBe('[<i></i>&lt;0]')
})

test('no escaped text can leave an element or an attribute, and none is lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeHtml(text)
      expect(escaped).not.toMatch(/[<>"']/)
      const unescaped = escaped
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&')
      expect(unescaped).toBe(text)
    }),
  )
})
