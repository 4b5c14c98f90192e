import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Serving, serve } from '../e2e/serving.ts'
import { type Browser, type Page, startBrowser } from './browser.ts'
import { missingPrograms } from './programs.ts'

const missing = missingPrograms({ chromium: 'chromium' })
if (missing) console.log(`Skipped: pages in a browser, ${missing}`)

describe.skipIf(missing)('the editor in a browser', () => {
  let browser: Browser
  let server: Serving
  const pages: Page[] = []
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.stop())
  beforeEach(async () => {
    server = await serve({ 'note.txt': '\uFEFFone\r\ntwo\r\n', 'latin.txt': new Uint8Array([0x63, 0xe9]) })
  })
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close()
    await server.stop()
  })

  async function edit(path = '/note.txt', size?: Parameters<Browser['open']>[1]): Promise<Page> {
    const page = await browser.open(`${server.origin}${path}?edit`, size)
    pages.push(page)
    await page.until(`!document.getElementById('editor').hidden`)
    return page
  }
  const bytes = (path = 'note.txt'): string => readFileSync(join(server.folder, path), 'utf8')
  const mine = `document.getElementById('edit-mine')`
  const status = `document.getElementById('edit-status').textContent`
  const click = (page: Page, id: string) => page.run(`document.getElementById('${id}').click()`)
  const atEnd = (page: Page) => page.run(`(${mine}.focus(), ${mine}.setSelectionRange(1e9, 1e9))`)
  async function append(page: Page, text: string): Promise<void> {
    await atEnd(page)
    await page.type(text)
  }
  async function saveByKey(page: Page): Promise<void> {
    await page.press('s', { control: true })
  }

  it('saves by the keyboard, keeps the form of the file, and saves again', async () => {
    const page = await edit()
    expect(await page.run(`${mine}.value`)).toBe('one\ntwo\n')
    expect(await page.run(`document.getElementById('edit-form').textContent`)).toBe('UTF-8 with BOM, CRLF')
    expect(await page.run(`document.getElementById('edit-save').disabled`)).toBe(true)
    await append(page, 'three\n')
    await page.until(`document.title.startsWith('\u25CF')`)
    await page.until(`document.getElementById('edit-place').textContent === 'Line 4, column 1'`)
    await saveByKey(page)
    await page.until(`${status}.startsWith('Saved')`)
    expect(bytes()).toBe('\uFEFFone\r\ntwo\r\nthree\r\n')
    await append(page, 'four')
    await saveByKey(page)
    await page.until(`!document.title.startsWith('\u25CF')`)
    expect(bytes()).toBe('\uFEFFone\r\ntwo\r\nthree\r\nfour')
    expect(page.problems).toEqual([])
  })

  it('warns before what was not saved is left, and only then', async () => {
    const page = await edit()
    await append(page, 'more')
    expect(await page.leave(`${server.origin}/`)).toBe('beforeunload')
    const other = await edit()
    expect(await other.leave(`${server.origin}/`)).toBeUndefined()
  })

  it('shows both versions to the second of two people, who saves over the first knowingly', async () => {
    const [first, second] = [await edit(), await edit()]
    await append(first, 'first')
    await saveByKey(first)
    await first.until(`${status}.startsWith('Saved')`)
    await append(second, 'second')
    await saveByKey(second)
    await second.until(`!document.getElementById('edit-conflict').hidden`)
    expect(bytes()).toBe('\uFEFFone\r\ntwo\r\nfirst')
    expect(await second.run(`document.getElementById('edit-theirs').value`)).toBe('one\ntwo\nfirst')
    expect(await second.run(`${mine}.value`)).toBe('one\ntwo\nsecond')
    expect(await second.run(`document.getElementById('edit-conflict-text').textContent`)).toContain('line 3')
    // The key saves nothing while it is undecided.
    await saveByKey(second)
    await append(second, ', and both')
    await click(second, 'edit-over')
    await second.until(`${status}.startsWith('Saved')`)
    expect(bytes()).toBe('\uFEFFone\r\ntwo\r\nsecond, and both')
    // Now the first is the second.
    await append(first, '!')
    await saveByKey(first)
    await first.until(`!document.getElementById('edit-conflict').hidden`)
    await click(first, 'edit-take')
    expect(await first.run(`${mine}.value`)).toBe('one\ntwo\nsecond, and both')
    await click(first, 'edit-undo')
    expect(await first.run(`${mine}.value`)).toBe('one\ntwo\nfirst!')
    await saveByKey(first)
    await first.until(`${status}.startsWith('Saved')`)
    expect(bytes()).toBe('\uFEFFone\r\ntwo\r\nfirst!')
    expect([...first.problems, ...second.problems].filter((text) => !text.includes('412'))).toEqual([])
  })

  it('asks once more when somebody is faster once more', async () => {
    const page = await edit()
    await append(page, 'mine')
    writeFileSync(join(server.folder, 'note.txt'), 'other 1')
    await saveByKey(page)
    await page.until(`document.getElementById('edit-theirs').value === 'other 1'`)
    writeFileSync(join(server.folder, 'note.txt'), 'other 22')
    await click(page, 'edit-over')
    await page.until(`document.getElementById('edit-theirs').value === 'other 22'`)
    expect(bytes()).toBe('other 22')
  })

  it('makes a file that was deleted meanwhile anew, and one that was never there', async () => {
    const page = await edit()
    await append(page, 'kept')
    await server.fetch('/note.txt', { method: 'DELETE' })
    await saveByKey(page)
    await page.until(`document.getElementById('edit-conflict-text').textContent.includes('deleted')`)
    await click(page, 'edit-over')
    await page.until(`${status}.startsWith('Saved')`)
    expect(bytes()).toBe('\uFEFFone\r\ntwo\r\nkept')
    const made = await edit('/new/file.txt')
    await append(made, 'x\n')
    await saveByKey(made)
    await made.until(`${status}.startsWith('Saved')`)
    expect(bytes('new/file.txt')).toBe('x\n')
    await append(made, 'y\n')
    await saveByKey(made)
    await made.until(`!document.title.startsWith('\u25CF') && ${status}.startsWith('Saved')`)
    expect(bytes('new/file.txt')).toBe('x\ny\n')
  })

  it('indents with Tab, which leaves the text after Esc', async () => {
    const page = await edit()
    await page.run(`(${mine}.focus(), ${mine}.setSelectionRange(0, 7))`)
    await page.press('Tab')
    expect(await page.run(`${mine}.value`)).toBe('\tone\n\ttwo\n')
    await page.press('Tab', { shift: true })
    expect(await page.run(`${mine}.value`)).toBe('one\ntwo\n')
    expect(await page.run(`document.activeElement.id`)).toBe('edit-mine')
    await page.press('Escape')
    await page.press('Tab')
    expect(await page.run(`document.activeElement.id`)).not.toBe('edit-mine')
  })
})
