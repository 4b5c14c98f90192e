import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { StorageError } from '../error.ts'
import { authorizePage, exchangeCode, proofKey } from './authorization-code.ts'
import { authorizedFetch } from './authorized-fetch.ts'
import { grantLost, isGrantLost } from './grant-lost.ts'
import { oauthLogin } from './log-in.ts'
import { formatBlob, parseBlob } from './token-blob.ts'
import { askForToken } from './token-endpoint.ts'
import { renewedToken } from './token-source.ts'
import { clientToken, userToken } from './user-token.ts'

const minute = 60_000
const client = { id: 'app', secret: 'marker-secret', tokenUrl: 'https://vendor.example/token' }

type Form = Readonly<Record<string, string>>

const formOf = (init: RequestInit | undefined): URLSearchParams =>
  new URLSearchParams(typeof init?.body === 'string' ? init.body : '')

/** A token endpoint that gives those answers, one after the other, and what it was asked. */
function tokenEndpoint(...answers: readonly (object | Response)[]) {
  const asked: Form[] = []
  const fetch: typeof globalThis.fetch = async (_input, init) => {
    const answer = answers[asked.length] ?? { error: 'nothing is left' }
    asked.push(Object.fromEntries(formOf(init)))
    if (answer instanceof Response) return answer
    return Response.json(answer, { status: 'error' in answer ? 400 : 200 })
  }
  return { asked, fetch }
}

/** Keeps a token as a server does. */
function keeper(kept: string | undefined) {
  const state = { kept }
  return {
    state,
    renewToken: async (renew: (kept: string | undefined) => Promise<string>): Promise<string> =>
      (state.kept = await renew(state.kept)),
  }
}

const blobOf = (access: string, refresh: string, lasts = -1) =>
  parseBlob(formatBlob({ access, refresh, expires: Date.now() + lasts }))

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

describe('a token blob', () => {
  it('comes back as it was kept', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer({ min: 0, max: 4e12 }), (access, refresh, expires) => {
        expect(parseBlob(formatBlob({ access, refresh, expires }))).toEqual({ access, refresh, expires })
      }),
    )
    const forEver = { access: 'a', refresh: '', expires: Number.POSITIVE_INFINITY }
    expect(parseBlob(formatBlob(forEver))).toEqual(forEver)
  })

  it.each([
    ['{"access_token":"a","expiry":"0001-01-01T00:00:00Z"}', Number.POSITIVE_INFINITY],
    ['{"AccessToken":"a","Expiry":"2030-01-01T00:00:00.5+02:00"}', Date.parse('2029-12-31T22:00:00.500Z')],
    ['{"access_token":"a","expiry":"tomorrow"}', 0],
    ['{"access_token":"a"}', Number.POSITIVE_INFINITY],
  ])('is read in old and new forms: %s', (text, expires) => {
    expect(parseBlob(text)).toMatchObject({ access: 'a', expires })
  })

  it.each([
    '',
    'marker',
    '[]',
    '"marker"',
    '{"access_token":5}',
    '{"access_token":"marker\\r\\nx: y"}',
    '{"access_token":"mark\u00f6r"}',
  ])('is refused without being quoted: %s', (text) => {
    expect(() => parseBlob(text)).toThrow(expect.objectContaining({ code: 'InvalidArgument' }))
    expect(() => parseBlob(text)).not.toThrow('marker')
  })
})

describe('a code', () => {
  it('is asked for with a proof key that only its maker can use', () => {
    const { verifier, challenge } = proofKey()
    expect(verifier).toMatch(/^[\w-]{43,128}$/)
    expect(challenge).toBe(createHash('sha256').update(verifier).digest('base64url'))
    expect(proofKey().verifier).not.toBe(verifier)
    const page = authorizePage({
      url: 'https://vendor.example/authorize?tenant=a',
      clientId: 'app',
      scopes: ['one', 'two'],
      redirectUri: 'http://127.0.0.1:1/x?y=z',
      state: 'a&b',
      challenge,
      parameters: { access_type: 'offline' },
    })
    expect(Object.fromEntries(new URL(page).searchParams)).toEqual({
      tenant: 'a',
      response_type: 'code',
      client_id: 'app',
      redirect_uri: 'http://127.0.0.1:1/x?y=z',
      scope: 'one two',
      state: 'a&b',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      access_type: 'offline',
    })
  })

  it('is exchanged for a blob', async () => {
    const { asked, fetch } = tokenEndpoint({ access_token: 'a', refresh_token: 'r', expires_in: '60' })
    const blob = parseBlob(await exchangeCode({ client, code: 'c', redirectUri: 'http://x/', verifier: 'v' }, fetch))
    expect(blob).toMatchObject({ access: 'a', refresh: 'r' })
    expect(blob.expires - Date.now()).toBeGreaterThan(50_000)
    expect(asked).toEqual([
      {
        grant_type: 'authorization_code',
        code: 'c',
        redirect_uri: 'http://x/',
        client_id: 'app',
        client_secret: 'marker-secret',
        code_verifier: 'v',
      },
    ])
    const open = tokenEndpoint({ access_token: 'a' })
    await exchangeCode({ client: { ...client, secret: '' }, code: 'c', redirectUri: '', verifier: 'v' }, open.fetch)
    expect(open.asked[0]).not.toHaveProperty('client_secret')
  })

  const hour = 60 * minute
  it.each([
    [{}, Number.POSITIVE_INFINITY],
    [{ expires_in: null }, Number.POSITIVE_INFINITY],
    [{ expires_in: 0 }, Number.POSITIVE_INFINITY],
    [{ expires_in: 'never' }, Number.POSITIVE_INFINITY],
    [{ expires_in: 1e300, refresh_token: 'r' }, Number.POSITIVE_INFINITY],
    [{ expires_in: 9e12, refresh_token: 'r' }, Number.POSITIVE_INFINITY],
    [{ expires_in: null, refresh_token: 'r' }, hour],
    [{ expires_in: 7200 }, 2 * hour],
  ])('gives a token that lasts as long as the vendor says, or can be used: %j', async (said, lasts) => {
    const { fetch } = tokenEndpoint({ access_token: 'a', ...said })
    const { expires } = parseBlob(await exchangeCode({ client, code: 'c', redirectUri: '', verifier: 'v' }, fetch))
    const left = expires - Date.now()
    expect(left <= lasts && left > lasts - minute).toBe(lasts !== Number.POSITIVE_INFINITY)
    expect(left === Number.POSITIVE_INFINITY).toBe(lasts === Number.POSITIVE_INFINITY)
  })
})

describe('a token endpoint', () => {
  it.each([
    [{ error: 'invalid_client' }, 'invalid_client', 400],
    [new Response('<html>', { status: 502 }), '', 502],
    [new Response('{}', { status: 200 }), '', 200],
    [new Response('{"access_token":""}', { status: 200 }), '', 200],
    [new Response('{"access_token":"two\\nlines"}', { status: 200 }), '', 200],
  ])('that refuses is told by what it says: %j', async (answer, tokenError, tokenStatus) => {
    const { fetch } = tokenEndpoint(answer)
    expect(await failure(askForToken(fetch, client.tokenUrl, {}))).toMatchObject({ tokenError, tokenStatus })
  })

  it('is not followed elsewhere, and not read without end', async () => {
    const inits: (RequestInit | undefined)[] = []
    await failure(askForToken(async (_url, init) => (inits.push(init), Response.error()), client.tokenUrl, {}))
    expect(inits).toEqual([expect.objectContaining({ redirect: 'manual', method: 'POST' })])
    const endless = new Response(new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(65_536)) }))
    const { fetch } = tokenEndpoint(endless)
    expect(await failure(askForToken(fetch, client.tokenUrl, {}))).toBeInstanceOf(Error)
  })
})

describe('a token that is renewed', () => {
  afterEach(() => vi.useRealTimers())

  it('is asked for once, whoever waits, a minute before its end', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    let times = 0
    const source = renewedToken(async () => ({ value: `t${++times}`, expires: Date.now() + 2 * minute }))
    expect(await Promise.all([source.token(), source.token(), source.token()])).toEqual(['t1', 't1', 't1'])
    vi.setSystemTime(Date.now() + minute - 1)
    expect(await source.token()).toBe('t1')
    vi.setSystemTime(Date.now() + 1)
    expect(await source.token()).toBe('t2')
    source.refuse('t1')
    expect(await source.token()).toBe('t2')
    source.refuse('t2')
    expect(await source.token()).toBe('t3')
  })

  it('is waited for by those who still want it, and tried again after a failure', async () => {
    const answer = Promise.withResolvers<void>()
    let times = 0
    const source = renewedToken(async () => {
      times += 1
      await answer.promise
      if (times === 1) throw new Error('down')
      return { value: 'good', expires: Date.now() + 2 * minute }
    })
    const leaving = new AbortController()
    const [left, stayed] = [source.token(leaving.signal), source.token()]
    leaving.abort()
    expect(await failure(left)).toMatchObject({ code: 'Aborted' })
    answer.resolve()
    expect(await failure(stayed)).toMatchObject({ message: 'down' })
    expect(await source.token()).toBe('good')
  })
})

describe('the token of a user', () => {
  it('is used while it holds, and renewed with what is kept', async () => {
    const { asked, fetch } = tokenEndpoint({ access_token: 'a2', refresh_token: 'r2' }, { access_token: 'a3' })
    const { state, renewToken } = keeper(undefined)
    const fresh = userToken(blobOf('a1', 'r1', 2 * minute), client, { fetch, renewToken })
    expect(await fresh.token()).toBe('a1')
    fresh.refuse('a1')
    expect(await fresh.token()).toBe('a2')
    expect(parseBlob(state.kept ?? '')).toMatchObject({ access: 'a2', refresh: 'r2' })
    fresh.refuse('a2')
    // A vendor that gives no new refresh token means the old one.
    expect([await fresh.token(), parseBlob(state.kept ?? '').refresh]).toEqual(['a3', 'r2'])
    expect(asked.map(({ grant_type, refresh_token }) => [grant_type, refresh_token])).toEqual([
      ['refresh_token', 'r1'],
      ['refresh_token', 'r2'],
    ])
  })

  it.each([[''], [null]])('keeps its refresh token where the vendor gives an empty one: %j', async (refresh_token) => {
    const { fetch } = tokenEndpoint({ access_token: 'a2', refresh_token })
    const { state, renewToken } = keeper(undefined)
    expect(await userToken(blobOf('a1', 'r1'), client, { fetch, renewToken }).token()).toBe('a2')
    expect(parseBlob(state.kept ?? '')).toMatchObject({ access: 'a2', refresh: 'r1' })
    const first = tokenEndpoint({ access_token: 'a', refresh_token })
    const blob = await exchangeCode({ client, code: 'c', redirectUri: '', verifier: 'v' }, first.fetch)
    expect(parseBlob(blob)).toEqual({ access: 'a', refresh: '', expires: Number.POSITIVE_INFINITY })
  })

  it('is taken over when somebody else renewed it, and kept before it is used', async () => {
    const { asked, fetch } = tokenEndpoint()
    const { renewToken } = keeper(formatBlob(blobOf('theirs', 'r9', 2 * minute)))
    const source = userToken(blobOf('mine', 'r1'), client, { fetch, renewToken })
    expect([await source.token(), asked]).toEqual(['theirs', []])
    const failing = userToken(blobOf('mine', 'r1'), client, {
      fetch: tokenEndpoint({ access_token: 'new' }).fetch,
      renewToken: async (renew) => {
        await renew(undefined)
        throw new Error('not stored')
      },
    })
    expect(await failure(failing.token())).toMatchObject({ message: 'not stored' })
  })

  it.each([
    ['was revoked', blobOf('a', 'r'), client, true],
    ['holds no refresh token', blobOf('a', ''), client, true],
    ['has no client any more, which a user cannot help', blobOf('a', 'r'), { ...client, id: '' }, false],
  ])('that %s', async (_what, blob, as, isLost) => {
    const { fetch } = tokenEndpoint({ error: 'invalid_grant' })
    const error = await failure(userToken(blob, as, { fetch, ...keeper(undefined) }).token())
    expect([StorageError.is(error, 'Unauthenticated'), isGrantLost(error)]).toEqual([true, isLost])
  })

  it.each([
    ['holds nothing', blobOf('', ''), /neither an access_token nor a refresh_token/],
    ['was refused though it should hold', blobOf('a', '', 2 * minute), /not accepted by the vendor/],
    ['is over', blobOf('a', '', -minute), /has expired/],
  ])('that %s, and cannot be renewed, says so and what to do', async (_what, blob, why) => {
    const source = userToken(blob, client, { fetch: tokenEndpoint().fetch, ...keeper(undefined) })
    source.refuse('a')
    const error = await failure(source.token())
    expect(String(error)).toMatch(why)
    expect(String(error)).toContain('Allow access anew, or give another token.')
  })

  it.each(['interaction_required', 'consent_required'])(
    'is lost where the vendor wants to see the user: %s',
    async (error) => {
      const { fetch } = tokenEndpoint({ error })
      const failed = await failure(userToken(blobOf('a', 'r'), client, { fetch, ...keeper(undefined) }).token())
      expect([isGrantLost(failed), String(failed)]).toEqual([true, expect.stringContaining('Allow access anew.')])
    },
  )

  it('is not lost when the vendor fails for another reason', async () => {
    for (const answer of [{ error: 'invalid_client' }, new Response('', { status: 503 })]) {
      const { fetch } = tokenEndpoint(answer)
      expect(
        isGrantLost(await failure(userToken(blobOf('a', 'r'), client, { fetch, ...keeper(undefined) }).token())),
      ).toBe(false)
    }
  })
})

describe('a lost grant', () => {
  it('is found wherever it is in the chain of causes, and nowhere else', () => {
    const lost = grantLost('token: is over.')
    const wrapped = new StorageError('Unavailable', 'x', { cause: new Error('y', { cause: lost }) })
    expect([isGrantLost(lost), isGrantLost(wrapped), isGrantLost(lost.with({ path: 'p' }))]).toEqual([true, true, true])
    for (const other of [undefined, 'text', new Error('x'), new StorageError('Unauthenticated', 'x')]) {
      expect(isGrantLost(other)).toBe(false)
    }
  })
})

describe('logging in', () => {
  const flow = {
    authorizeUrl: () => 'https://vendor.example/authorize',
    tokenUrl: () => 'https://vendor.example/token',
    scopes: () => ['one', 'two'],
    needsUser: () => false,
  }
  const given = { client_id: 'app', client_secret: 's', client_credentials: false, auth_url: '', token_url: '' }

  it('goes to the address of the vendor, or to the one of the options', async () => {
    const urls: string[] = []
    const fetch: typeof globalThis.fetch = async (input, init) => {
      urls.push(`${typeof input === 'string' ? input : ''} ${formOf(init).get('scope')}`)
      return Response.json({ access_token: 'a' })
    }
    const asItself = { ...given, client_credentials: true }
    for (const token_url of ['', 'https://other.example/token']) {
      await oauthLogin(flow, { ...asItself, token_url }, { fetch, ...keeper(undefined) }).token()
    }
    expect(urls).toEqual(['https://vendor.example/token one two', 'https://other.example/token one two'])
    expect(() => oauthLogin(flow, given, { fetch, ...keeper(undefined) })).toThrow('token: is needed')
  })

  it('as the client itself sends no empty scope and no empty secret', async () => {
    const { asked, fetch } = tokenEndpoint({ access_token: 'a' })
    await clientToken({ ...client, secret: '' }, '', fetch).token()
    expect(asked).toEqual([{ grant_type: 'client_credentials', client_id: 'app' }])
  })
})

describe('a request with a token', () => {
  /** A vendor that takes only the token that is good. */
  function vendor(good: string) {
    const seen: (string | null)[] = []
    const fetch: typeof globalThis.fetch = async (_input, init) => {
      const token = new Headers(init?.headers).get('authorization')
      seen.push(token)
      return new Response(null, { status: token === `Bearer ${good}` ? 200 : 401 })
    }
    return { seen, fetch }
  }
  const numbered = () => {
    let times = 0
    return renewedToken(async () => ({ value: `t${++times}`, expires: Date.now() + 2 * minute }))
  }

  it('is sent once more with a new one where the first was refused', async () => {
    const { seen, fetch } = vendor('t2')
    const answer = await authorizedFetch(numbered(), fetch)('https://x/', { body: 'text', method: 'PUT' })
    expect([answer.status, seen]).toEqual([200, ['Bearer t1', 'Bearer t2']])
  })

  it('is sent no third time, and none whose body is gone', async () => {
    const { seen, fetch } = vendor('none')
    const ask = authorizedFetch(numbered(), fetch)
    expect((await ask('https://x/')).status).toBe(401)
    expect(seen).toHaveLength(2)
    const stream = new ReadableStream()
    expect((await ask('https://x/', { body: stream, method: 'PUT' })).status).toBe(401)
    expect(seen).toHaveLength(3)
  })

  it('is sent a third time where the second token was taken over, and had ended with the first', async () => {
    const { seen, fetch } = vendor('a3')
    const endpoint = tokenEndpoint({ access_token: 'a3' })
    const { renewToken } = keeper(formatBlob(blobOf('a2', 'r2', 2 * minute)))
    const login = userToken(blobOf('a1', 'r1', 2 * minute), client, { fetch: endpoint.fetch, renewToken })
    expect([(await authorizedFetch(login, fetch)('https://x/')).status, seen]).toEqual([
      200,
      ['Bearer a1', 'Bearer a2', 'Bearer a3'],
    ])
    expect(endpoint.asked.map(({ refresh_token }) => refresh_token)).toEqual(['r2'])
    const nobody = vendor('none')
    const endless = tokenEndpoint({ access_token: 'a4' })
    const kept = keeper(formatBlob(blobOf('a2', 'r2', 2 * minute)))
    const refused = userToken(blobOf('a1', 'r1', 2 * minute), client, { fetch: endless.fetch, ...kept })
    expect((await authorizedFetch(refused, nobody.fetch)('https://x/')).status).toBe(401)
    expect(nobody.seen).toEqual(['Bearer a1', 'Bearer a2', 'Bearer a4'])
  })

  it('with a body that is gone brings the token no more that was refused', async () => {
    const { seen, fetch } = vendor('t2')
    const ask = authorizedFetch(numbered(), fetch)
    const upload = () => ask('https://x/', { body: new ReadableStream(), method: 'PUT' })
    expect([(await upload()).status, (await upload()).status]).toEqual([401, 200])
    expect(seen).toEqual(['Bearer t1', 'Bearer t2'])
  })
})
