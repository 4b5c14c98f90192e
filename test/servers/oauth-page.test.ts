import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { oauthProvider } from '../../packages/server/src/backends/testing/oauth-provider.ts'
import { type Serving, serve } from '../e2e/serving.ts'
import { type OAuthVendor, startOAuthVendor } from '../simulators/oauth-vendor/start-oauth-vendor.ts'
import { type Browser, type Page, startBrowser } from './browser.ts'
import { missingPrograms } from './programs.ts'

const client = { id: 'app', secret: 'secret' }
const missing = missingPrograms({ chromium: 'chromium' })
if (missing) console.log(`Skipped: pages in a browser, ${missing}`)

describe.skipIf(missing)('allowing a backend access in a browser', () => {
  let browser: Browser
  let vendor: OAuthVendor
  let server: Serving
  /** Another site than the server, as browsers see it. */
  let vendorSite: string
  let id: string
  const pages: Page[] = []
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.stop())
  beforeEach(async () => {
    vendor = await startOAuthVendor(client)
    vendorSite = vendor.origin.replace('127.0.0.1', 'localhost')
    const { definition } = oauthProvider(vendorSite)
    server = await serve({}, { oauthClients: { cloud: client } }, { providers: { cloud: async () => definition } })
    const headers = { 'content-type': 'application/json' }
    const answer = await server.fetch('/api/v1/backends/cloud', { method: 'POST', headers, body: '{}' })
    id = ((await answer.json()) as { data: { id: string } }).data.id
  })
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.close()
    await server.stop()
    await vendor.close()
  })

  const authorizeUrl = (): string => `${server.origin}/api/v1/backends/${id}/authorize`
  async function open(url: string): Promise<Page> {
    const page = await browser.open(url)
    pages.push(page)
    return page
  }
  const shows = (page: Page, title: string) =>
    page.until(`document.querySelector('h1')?.textContent.includes(${JSON.stringify(title)})`)
  const status = async (): Promise<unknown> =>
    ((await (await server.fetch(`/api/v1/backends/${id}`)).json()) as { status: unknown }).status

  it('leads to the vendor and back, with a cookie that comes along from another site', async () => {
    const page = await open(authorizeUrl())
    await shows(page, 'Access allowed')
    expect([await status(), page.problems]).toEqual(['connected', []])
    expect(await page.run('document.cookie')).toBe('')
  })

  it('is asked about first when another site leads there', async () => {
    const page = await open(`${vendorSite}/page`)
    await page.run(`location.href = ${JSON.stringify(authorizeUrl())}`)
    await shows(page, 'Allow access to Demo Cloud?')
    expect(await status()).toBe('pending')
    await page.run(`document.querySelector('a.button.main').click()`)
    await shows(page, 'Access allowed')
    expect(await status()).toBe('connected')
  })

  it('is refused with a code that somebody else got, and can be begun again from there', async () => {
    const begun = await server.fetch(`/api/v1/backends/${id}/authorize`, { redirect: 'manual' })
    const back = await fetch(begun.headers.get('location') ?? '', { redirect: 'manual' })
    const page = await open(back.headers.get('location') ?? '')
    await shows(page, 'Not connected')
    expect(await status()).toBe('pending')
    vendor.deny = true
    const denied = await open(authorizeUrl())
    await shows(denied, 'Not connected')
    vendor.deny = false
    await denied.run(`document.querySelector('a.button.main').click()`)
    await shows(denied, 'Access allowed')
    expect(await status()).toBe('connected')
  })
})
