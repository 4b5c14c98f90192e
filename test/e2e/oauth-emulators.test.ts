import {
  authorizePage,
  exchangeCode,
  formatBlob,
  type OAuthFlow,
  parseBlob,
  proofKey,
  userToken,
} from '@filegate/core/oauth'
import { parseOptions } from '@filegate/core/options'
import gdrive, { options as driveOptions } from '@filegate/driver-gdrive'
import onedrive, { options as onedriveOptions } from '@filegate/driver-onedrive'
import { createEmulator } from 'emulate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts } from '../servers/programs.ts'

const client = { id: 'our-client', secret: 'our-secret' }
const redirectUri = 'http://127.0.0.1:9/callback'
const registered = [
  { client_id: client.id, client_secret: client.secret, name: 'filegate', redirect_uris: [redirectUri] },
]

/** Of what one vendor's log-in is made up, for an emulator that others wrote. */
const vendors = [
  {
    name: 'google',
    page: '/o/oauth2/v2/auth',
    token: '/oauth2/token',
    asked: (urls: Urls) => asked(gdrive.oauth, parseOptions(driveOptions, { client_id: client.id, ...urls })),
  },
  {
    name: 'microsoft',
    page: '/oauth2/v2.0/authorize',
    token: '/oauth2/v2.0/token',
    asked: (urls: Urls) => asked(onedrive.oauth, parseOptions(onedriveOptions, { client_id: client.id, ...urls })),
  },
] as const

interface Urls {
  readonly auth_url: string
  readonly token_url: string
}

/** What a driver asks its vendor for. */
function asked<Options>(flow: OAuthFlow<Options> | undefined, options: Options) {
  if (!flow) throw new Error('The driver has no log-in of this kind.')
  const { parameters } = flow
  return {
    page: flow.authorizeUrl(options),
    tokenUrl: flow.tokenUrl(options),
    scopes: flow.scopes(options),
    parameters,
    needsUser: flow.needsUser(options),
  }
}

describe.each(vendors)('the log-in at $name, as an emulator of other hands has it', ({ name, page, token, asked }) => {
  let emulator: { readonly url: string; close(): Promise<void> }
  let urls: Urls
  beforeAll(async () => {
    const [port = 0] = await freePorts(1)
    const users = [{ email: 'me@example.com', name: 'Me' }]
    emulator = await createEmulator({ service: name, port, seed: { [name]: { users, oauth_clients: registered } } })
    urls = { auth_url: emulator.url + page, token_url: emulator.url + token }
  })
  afterAll(() => emulator.close())

  /** Allows access as the user would, and gives the code that comes back. */
  async function allowed(challenge: string): Promise<string> {
    const { page: url, scopes, parameters, needsUser } = asked(urls)
    expect(needsUser).toBe(true)
    const shown = await fetch(
      authorizePage({ url, clientId: client.id, scopes, redirectUri, state: 'our-state', challenge, parameters }),
    )
    const html = await shown.text()
    expect(shown.status, html).toBe(200)
    const form = new URLSearchParams()
    for (const [, field = '', value = ''] of html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)) {
      form.set(field, value.replaceAll('&amp;', '&'))
    }
    const [, action = ''] = /<form[^>]* action="([^"]*)"/.exec(html) ?? []
    const back = await fetch(new URL(action, url), { method: 'POST', body: form, redirect: 'manual' })
    const { searchParams } = new URL(back.headers.get('location') ?? '')
    expect(searchParams.get('state')).toBe('our-state')
    return searchParams.get('code') ?? ''
  }

  it('gives a token for a code, once, and to who began it', async () => {
    const { verifier, challenge } = proofKey()
    const { tokenUrl } = asked(urls)
    const exchange = { client: { ...client, tokenUrl }, redirectUri, verifier }
    const stolen = { ...exchange, code: await allowed(challenge), verifier: proofKey().verifier }
    await expect(exchangeCode(stolen, fetch)).rejects.toMatchObject({ tokenError: 'invalid_grant' })
    const code = await allowed(challenge)
    const blob = parseBlob(await exchangeCode({ ...exchange, code }, fetch))
    expect(blob.access).not.toBe('')
    expect(blob.expires).toBeGreaterThan(Date.now())
    await expect(exchangeCode({ ...exchange, code }, fetch)).rejects.toMatchObject({ tokenError: 'invalid_grant' })
  })

  it('renews a token that has expired, once for all who need it', async () => {
    const { verifier, challenge } = proofKey()
    const { tokenUrl } = asked(urls)
    const code = await allowed(challenge)
    const blob = parseBlob(await exchangeCode({ client: { ...client, tokenUrl }, code, redirectUri, verifier }, fetch))
    const kept: string[] = []
    const renewToken = async (renew: (kept: undefined) => Promise<string>): Promise<string> => {
      const next = await renew(undefined)
      kept.push(next)
      return next
    }
    const source = userToken({ ...blob, expires: 0 }, { ...client, tokenUrl }, { fetch, renewToken })
    const tokens = await Promise.all(Array.from({ length: 5 }, () => source.token()))
    expect(new Set(tokens).size).toBe(1)
    expect(kept.map((text) => parseBlob(text).access)).toEqual([tokens[0]])
    expect(tokens[0]).not.toBe(blob.access)
  })

  it('says when a grant is none', async () => {
    const { tokenUrl } = asked(urls)
    const blob = parseBlob(formatBlob({ access: '', refresh: 'of nobody', expires: 0 }))
    const source = userToken(blob, { ...client, tokenUrl }, { fetch, renewToken: (renew) => renew(undefined) })
    await expect(source.token()).rejects.toMatchObject({ code: 'Unauthenticated' })
  })
})
