import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { markdownHtml } from './markdown-html.ts'

/** What the renderer may write. Anything else that looks like a tag, or has another attribute, is an escape. */
const tag =
  /^<(?:\/?(?:p|h[1-6]|ul|ol|li|blockquote|pre|code|em|strong|del|br|hr|table|thead|tbody|tr|th|td|a|img|input)(?: (?:start="\d+"|id="[^"<>]*"|href="[^"<>]*"|src="[^"<>]*"|alt="[^"<>]*"|title="[^"<>]*"|rel="noopener noreferrer nofollow"|class="(?:left|right|center)"|loading="lazy"|type="checkbox"|disabled|checked))* ?\/?)>$/

/** Everything in the rendered document that should not be there. */
function harmIn(source: string): string[] {
  const output = markdownHtml(source)
  const addresses = [...output.matchAll(/(?:href|src)="([^"]*)"/g)].map(
    ([, address = '']) => new URL(unescaped(address), here),
  )
  const pictures = [...output.matchAll(/src="([^"]*)"/g)].map(([, address = '']) => new URL(unescaped(address), here))
  return [
    ...(output.match(/<[^>]*>?/g) ?? []).filter((found) => !tag.test(found)),
    ...addresses.filter(({ protocol }) => !['http:', 'https:', 'mailto:'].includes(protocol)).map(String),
    ...pictures.filter(({ host }) => host !== new URL(here).host).map(String),
  ]
}

const here = 'http://here.invalid/a/b'
const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

test('the ordinary forms are rendered', () => {
  const output = markdownHtml(
    '# Hello *you*\n\n- [x] done\n- [ ] open\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |\n\n```js\nif (a < b) {}\n```\n',
  )
  expect(output).toContain('<h1 id="md-hello-you">Hello <em>you</em></h1>')
  expect(output).toContain('<input type="checkbox" disabled checked> ')
  expect(output).toContain('<td class="right">2</td>')
  expect(output).toContain('<pre><code>if (a &lt; b) {}\n</code></pre>')
})

test('character references are kept and bare ampersands are escaped', () => {
  expect(markdownHtml('AT&T &copy; &#8364; a & b')).toBe('<p>AT&amp;T &copy; € a &amp; b</p>\n')
})

test('headings that repeat get anchors of their own', () => {
  expect(markdownHtml('# A b!\n# A b')).toContain('id="md-a-b-1"')
})

test('links to documents open their view, links to headings find them, other links are left as they are', () => {
  expect(markdownHtml('[a](other.md#part) [b](#here) [c](pic.png#x) [d](https://example.org/x.md?a=1&b=2)')).toBe(
    '<p><a href="other.md?view#md-part">a</a> <a href="#md-here">b</a> <a href="pic.png#x">c</a> ' +
      '<a href="https://example.org/x.md?a=1&amp;b=2" rel="noopener noreferrer nofollow">d</a></p>\n',
  )
})

test('pictures come from our own server or not at all', () => {
  expect(markdownHtml('![mine](img/a.png "t")')).toBe(
    '<p><img src="img/a.png" alt="mine" title="t" loading="lazy"></p>\n',
  )
  for (const address of [
    'http://evil.example/x.png',
    '//evil.example/x',
    '/\\evil.example/x',
    'data:image/png;base64,AA',
    'http:x.png',
  ]) {
    expect(markdownHtml(`![theirs](<${address}>)`)).not.toContain('<img')
  }
})

const attacks = [
  '<script>alert(1)</script>',
  '<script>\nalert(1)\n</script>',
  '<img src=x onerror=alert(1)>',
  '<pre><code><img src=x onerror=alert(1)',
  'text <code><img src=x onerror=alert(1) </code> more',
  '<kbd><svg onload=alert(1)></kbd>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](<java\nscript:alert(1)>)',
  '[x](&#106;avascript:alert(1))',
  '[x](&#x6A;avascript&colon;alert(1))',
  '[x](javascript&#58;alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](vbscript:msgbox(1))',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  '[x](file:///etc/passwd)',
  '<javascript:alert(1)>',
  '[x]: javascript:alert(1)\n\n[x]',
  '![x](javascript:alert(1))',
  '![" onerror="alert(1)](a.png)',
  '![x](a.png "\\" onerror=\\"alert(1)")',
  '![x](a.png \'" onload="alert(1)\')',
  '[x](a "\'><script>alert(1)</script>")',
  '[x](https://a/"onmouseover="alert(1))',
  '[<img src=x onerror=alert(1)>](a)',
  '# <script>alert(1)</script>',
  '# "><img src=x onerror=alert(1)>',
  '```"><script>alert(1)</script>\nx\n```',
  '```js" onclick="alert(1)\nx\n```',
  '`<script>alert(1)</script>`',
  '| <script>alert(1)</script> |\n|---|\n| <b onclick=alert(1)> |',
  '<!-- --><script>alert(1)</script><!-- -->',
  '<!-- > <script>alert(1)</script> -->',
  '<!--> <img src=x onerror=alert(1)> -->',
  '<a href="javascript:alert(1)">x</a>',
  'http://a.b/<script>',
  'www.a.b/"><script>alert(1)</script>',
  'a@b.c"onclick=alert(1)',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '~~<script>alert(1)</script>~~',
  '1. <iframe src=javascript:alert(1)>',
  '> <style>@import "//evil"</style>',
  '<math><mtext></p><script>alert(1)</script>',
]

test('no known attack leaves the page', () => {
  expect(attacks.flatMap(harmIn)).toEqual([])
})

test('no mixture of their pieces does either', () => {
  const piece = fc.oneof(
    fc.constantFrom(...attacks),
    fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '&',
      '`',
      '```\n',
      '[',
      ']',
      '(',
      ')',
      '![',
      '](',
      '\n',
      '\n\n',
      '    ',
      '| ',
      '|---|\n',
      '# ',
      '> ',
      '- ',
      '<pre>',
      '</pre>',
      '<code>',
      '<script>',
      '<!--',
      '-->',
      '\\',
      'javascript:',
      '//evil.example',
      '*',
      '_',
      '~~',
      '\u0000',
      '\t',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      expect(harmIn(pieces.join(''))).toEqual([])
    }),
    { numRuns: 3000 },
  )
})
