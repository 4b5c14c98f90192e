import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { allowAll, type Serving, serve } from '../e2e/serving.ts'
import { type Browser, type Page, startBrowser } from './browser.ts'
import { missingPrograms } from './programs.ts'

const missing = missingPrograms({ chromium: 'chromium' })
if (missing) console.log(`Skipped: pages in a browser, ${missing}`)

describe.skipIf(missing)('the page of a folder in a browser', () => {
  let browser: Browser
  let server: Serving
  let local: string
  const pages: Page[] = []
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.stop())
  beforeEach(async () => {
    local = mkdtempSync(join(tmpdir(), 'filegate-upload-'))
    server = await serve(
      { 'box/note.txt': 'note', 'box/50% <b>.txt': 'odd', 'box/sub/x': 'x' },
      { trash: { age: 86_400_000 } },
    )
  })
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close()
    await server.stop()
    rmSync(local, { recursive: true })
  })

  async function open(path = '/box/', size?: Parameters<Browser['open']>[1]): Promise<Page> {
    const page = await browser.open(`${server.origin}${path}`, size)
    pages.push(page)
    return page
  }
  const names = (): string[] => readdirSync(join(server.folder, 'box')).toSorted()
  const pressing = (name: string, action: string): string =>
    `document.querySelector('button[data-action=${action}][aria-label$=${JSON.stringify(` ${name}`)}]').click()`
  const answering = (label: string): string =>
    `[...document.querySelectorAll('dialog[open] button')].find((button) => button.textContent === '${label}').click()`
  const press = (page: Page, name: string, action: string) => page.run(pressing(name, action))
  const answer = (page: Page, label: string) => page.run(answering(label))
  const fill = (page: Page, text: string) =>
    page.run(`(document.querySelector('dialog[open] input').value = ${JSON.stringify(text)})`)
  /** Marks the document, so that a new one can be told from it. */
  const reloaded = async (page: Page, work: () => Promise<unknown>): Promise<void> => {
    await page.run('(window.isOld = true)')
    await work()
    await page.until(`window.isOld === undefined && document.readyState === 'complete'`)
  }

  it('deletes after a question, and brings back from the trash', async () => {
    const page = await open()
    await press(page, '50% <b>.txt', 'delete')
    // At once, so that the browser tells of the end of the first question when the second one is open.
    await page.run(`${answering('Cancel')}; ${pressing('50% <b>.txt', 'delete')}`)
    expect(names()).toContain('50% <b>.txt')
    await answer(page, 'Delete')
    await page.until(`document.querySelector('#change-status').textContent.includes('was deleted')`)
    expect(names()).toEqual(['note.txt', 'sub'])
    expect(await page.run(`document.body.textContent.includes('50% <b>')`)).toBe(true)
    await reloaded(page, () => page.run(`document.querySelector('#change-status button').click()`))
    expect(names()).toEqual(['50% <b>.txt', 'note.txt', 'sub'])
    await press(page, 'sub', 'delete')
    await answer(page, 'Delete')
    await page.until(`!document.querySelector('a[href$="/sub/"]')`)
    expect(page.problems).toEqual([])
  })

  it('renames, makes folders, and says what does not work', async () => {
    const page = await open()
    await press(page, '50% <b>.txt', 'rename')
    await fill(page, 'note.txt')
    await answer(page, 'Rename')
    await page.until(`!document.querySelector('#change-status').hidden`)
    expect(names()).toContain('50% <b>.txt')
    await press(page, '50% <b>.txt', 'rename')
    await fill(page, 'ünï #1?.txt')
    await reloaded(page, () => answer(page, 'Rename'))
    expect(names()).toEqual(['note.txt', 'sub', 'ünï #1?.txt'])
    await page.run(`document.querySelector('#new-folder').click()`)
    for (const key of ['Backspace', '/', 'ArrowDown']) await page.press(key)
    expect(await page.run('[location.pathname, document.activeElement.ariaLabel].join()')).toBe('/box/,New folder')
    await fill(page, 'new & shiny')
    await reloaded(page, () => page.press('Enter'))
    expect(statSync(join(server.folder, 'box/new & shiny')).isDirectory()).toBe(true)
    await page.run(`document.querySelector('#new-file').click()`)
    await fill(page, 'made.txt')
    await reloaded(page, () => answer(page, 'Edit'))
    expect(await page.run('location.pathname + location.search')).toBe('/box/made.txt?edit')
  })

  it('uploads files with their time, asks before it replaces, and keeps what is to be kept', async () => {
    const page = await open()
    const files = ['a.bin', 'note.txt'].map((name) => join(local, name))
    for (const file of files) writeFileSync(file, file.endsWith('bin') ? Buffer.alloc(300_000, 7) : 'other')
    const time = statSync(files[0] ?? '').mtimeMs
    await page.choose('#changes input[type=file]', files)
    await page.until(`document.querySelector('dialog')?.open`)
    await reloaded(page, () => answer(page, 'Keep'))
    expect(readFileSync(join(server.folder, 'box/a.bin'))).toEqual(Buffer.alloc(300_000, 7))
    expect(Math.abs(statSync(join(server.folder, 'box/a.bin')).mtimeMs - time)).toBeLessThan(1000)
    expect(readFileSync(join(server.folder, 'box/note.txt'), 'utf8')).toBe('note')
    await page.choose('#changes input[type=file]', files.slice(1))
    await page.until(`document.querySelector('dialog')?.open`)
    await reloaded(page, () => answer(page, 'Replace'))
    expect(readFileSync(join(server.folder, 'box/note.txt'), 'utf8')).toBe('other')
    expect(page.problems.filter((text) => !text.includes('404'))).toEqual([])
  })

  it('names the files that could not be uploaded', async () => {
    await server.stop()
    server = await serve({ 'box/a': '' }, { maxBodySize: 10 })
    const page = await open()
    const files = ['small', 'large'].map((name) => join(local, name))
    for (const file of files) writeFileSync(file, file.endsWith('large') ? 'x'.repeat(100) : 'x')
    await page.choose('#changes input[type=file]', files)
    await page.until(`document.querySelector('#uploads').textContent.includes('--max-body-size')`)
    await page.until(`document.querySelector('#uploads').textContent.includes('1 of 2')`)
    expect(existsSync(join(server.folder, 'box/small'))).toBe(true)
    expect(existsSync(join(server.folder, 'box/large'))).toBe(false)
  })

  it('offers only what may be done', async () => {
    await server.stop()
    server = await serve({ 'box/a.txt': '' }, { allow: { ...allowAll, delete: false, symlink: false } })
    const page = await open()
    await page.until(`!document.querySelector('#changes').hidden`)
    expect(await page.run(`document.querySelectorAll('[data-action], a[href$="?edit"]').length`)).toBe(0)
    await server.stop()
    server = await serve({ 'box/a.txt': '' }, { allow: { ...allowAll, upload: false, delete: false, symlink: false } })
    const other = await open()
    expect(await other.run(`document.querySelector('#changes') === null`)).toBe(true)
  })
})
