import { afterEach, describe, expect, test } from 'vitest'
import { folderApp, type ReadingApp, type ReadingAppOptions } from '../testing/reading-app.ts'

const opened: ReadingApp[] = []
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close()
})

function serve(files: Readonly<Record<string, string | Uint8Array>>, options: ReadingAppOptions = {}): ReadingApp {
  const app = folderApp(files, options)
  opened.push(app)
  return app
}

async function pageOf(app: ReadingApp, target: string): Promise<string> {
  const response = await app.get(target)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  return response.text()
}

describe('a text', () => {
  test('is shown line by line, each with its number and an anchor', async () => {
    const page = await pageOf(serve({ 'a.txt': 'one\r\n<two>\n\nfour' }), '/a.txt?view')
    expect(page).toContain(
      '<div class="line" id="L2"><a href="#L2" data-line="2" aria-label="Line 2"></a><code>&lt;two&gt;\n</code>',
    )
    expect(page).toContain('id="L4"')
    expect(page).not.toContain('id="L5"')
    expect(page).toContain('<span>4 lines</span>')
    expect(page).toContain('utf-8')
  })

  test('has no line more than it has, with a line break at its end or without', async () => {
    const page = await pageOf(serve({ 'a.txt': 'one\ntwo\n' }), '/a.txt?view')
    expect(page).toContain('<span>2 lines</span>')
  })

  test('is recognised without an extension, by its bytes', async () => {
    expect(await pageOf(serve({ LICENSE: 'Permission is' }), '/LICENSE?view')).toContain('<code>Permission is\n</code>')
  })

  test('of many lines is shown in part, and says so', async () => {
    const page = await pageOf(serve({ 'a.log': 'x\n'.repeat(10_001) }), '/a.log?view')
    expect(page).toContain('id="L10000"')
    expect(page).not.toContain('id="L10001"')
    expect(page).toMatch(/class="note".*10,000 lines.*href="\/a\.log"/)
    expect(await pageOf(serve({ 'b.log': 'x\n'.repeat(10_000) }), '/b.log?view')).not.toContain('class="note"')
  })

  test('of many bytes is shown in part, without the line that is cut', async () => {
    const app = serve({ 'a.log': `${'y'.repeat(600_000)}\n`.repeat(3) })
    const page = await pageOf(app, '/a.log?view')
    expect(page).toContain('class="note"')
    expect(page).toContain('id="L1"')
    expect(page).not.toContain('id="L2"')
  })

  test('in another character set is read as what it is', async () => {
    const russian = Uint8Array.from('\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0?', (char) =>
      char.charCodeAt(0),
    )
    const page = await pageOf(serve({ 'a.txt': russian }), '/a.txt?view')
    expect(page).toContain('Привет, как дела?')
    expect(page).toContain('windows-1251')
  })

  test('shows the marks that turn the direction of what follows', async () => {
    expect(await pageOf(serve({ 'a.js': 'a\u202Eb' }), '/a.js?view')).toContain('a<mark>U+202E</mark>b')
  })

  test('may be empty', async () => {
    expect(await pageOf(serve({ 'a.txt': '' }), '/a.txt?view')).toContain('This file is empty.')
  })

  test('HTML is a text like any other', async () => {
    const page = await pageOf(serve({ 'a.html': '<script>alert(1)</script>' }), '/a.html?view')
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).not.toContain('<script>alert')
  })
})

describe('Markdown', () => {
  const files = { 'a.md': '# Title\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))' }

  test('is rendered, and nothing in it runs', async () => {
    const page = await pageOf(serve(files), '/a.md?view')
    expect(page).toContain('<h1 id="md-title">Title</h1>')
    expect(page).toContain('&lt;script&gt;')
    expect(page).not.toContain('javascript:')
  })

  test('is shown as text when its source is asked for', async () => {
    const page = await pageOf(serve(files), '/a.md?view&source')
    expect(page).toContain('<code># Title\n</code>')
    expect(page).toContain('<a href="?view">Rendered</a><a href="?view&amp;source" aria-current="true">Source</a>')
  })

  test('that the renderer cannot cope with is shown as text', async () => {
    const page = await pageOf(serve({ 'a.md': '>'.repeat(20_000) }), '/a.md?view')
    expect(page).toContain('id="L1"')
  })
})

describe('what browsers show by themselves', () => {
  test('is shown by its own URL, encoded', async () => {
    const app = serve({ 'a b#.png': 'x', 'a.mp3': 'x', 'a.mp4': 'x', 'a.pdf': '%PDF-', 'a.svg': '<svg/>' })
    expect(await pageOf(app, '/a%20b%23.png?view')).toContain('<img src="/a%20b%23.png" alt="a b#.png">')
    expect(await pageOf(app, '/a.mp3?view')).toContain('<audio src="/a.mp3" controls')
    expect(await pageOf(app, '/a.mp4?view')).toContain('<video src="/a.mp4" controls')
    expect(await pageOf(app, '/a.pdf?view')).toContain('<iframe src="/a.pdf"')
    expect(await pageOf(app, '/a.svg?view')).toContain('<img src="/a.svg"')
    expect(await pageOf(app, '/a.svg?view&source')).toContain('&lt;svg/&gt;')
  })
})

test('anything else is offered for download, with what is known of it', async () => {
  const page = await pageOf(serve({ 'a.bin': new Uint8Array(2000) }), '/a.bin?view')
  expect(page).toContain('href="/a.bin?download"')
  expect(page).toContain('2.0 KB')
  expect(page).toContain('application/octet-stream')
})

test('a directory is shown as its listing, also on the v1 surface', async () => {
  const app = serve({ 'dir/a.txt': '' })
  expect(await pageOf(app, '/dir?view')).toContain('>a.txt<')
  expect(await pageOf(app, '/api/v1/files/dir?view')).toContain('href="/dir/a.txt"')
})

test('HEAD reads nothing and says the same', async () => {
  const response = await serve({ 'a.txt': 'x' }).get('/a.txt?view', { method: 'HEAD' })
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await response.text()).toBe('')
})
