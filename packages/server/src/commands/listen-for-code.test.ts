import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { CommandError } from '../cli/command-error.ts'
import { type Listening, listenForCode } from './listen-for-code.ts'

const state = 'the state of this log-in'
const query = new URLSearchParams({ state, code: 'the code' }).toString()

/** Lets the browser come back, which ends the listening. */
async function finish(listening: Listening): Promise<string> {
  const arrived = listening.code()
  await (await fetch(`${listening.redirectUri.replace('localhost', '127.0.0.1')}?${query}`)).text()
  return arrived
}

/** At a port that is known before. Where another program took it meanwhile, it is another one. */
async function listenAt(redirectUri: (port: number | undefined) => string): Promise<Listening> {
  for (;;) {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const address = free.address()
    free.close()
    await once(free, 'close')
    const port = typeof address === 'object' ? address?.port : undefined
    try {
      return await listenForCode(state, { redirectUri: redirectUri(port) })
    } catch (error) {
      if (!String(error).includes('EADDRINUSE')) throw error
    }
  }
}

describe('listening for the code', () => {
  it('takes any free port, and says which', async () => {
    const listening = await listenForCode(state, {})
    expect(listening.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(await finish(listening)).toBe('the code')
  })

  it('ends although a browser holds connections in reserve', async () => {
    const listening = await listenForCode(state, {})
    const reserve = connect(Number(new URL(listening.redirectUri).port), '127.0.0.1')
    await once(reserve, 'connect')
    const isOver = once(reserve.resume(), 'close')
    expect(await finish(listening)).toBe('the code')
    await isOver
  })

  it('takes the port that is asked for and no other, the usual one of the web, too', async () => {
    const outcome = await listenForCode(state, { port: 80 }).then(
      async (listening) => ({ redirectUri: listening.redirectUri, code: await finish(listening) }),
      String,
    )
    // Not everybody may listen there.
    expect([
      { redirectUri: 'http://127.0.0.1/', code: 'the code' },
      'Error: listen EACCES: permission denied 127.0.0.1:80',
      'Error: listen EADDRINUSE: address already in use 127.0.0.1:80',
    ]).toContainEqual(outcome)
  })

  it('says so where the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' ? address?.port : undefined
    await expect(listenForCode(state, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    other.close()
  })

  it('waits for the browser at the path that the application is registered with', async () => {
    const listening = await listenAt((port) => `http://localhost:${port}/back`)
    const { port } = new URL(listening.redirectUri)
    expect((await fetch(`http://127.0.0.1:${port}/?${query}`)).status).toBe(400)
    expect(await finish(listening)).toBe('the code')
    await expect(listenForCode(state, { redirectUri: 'https://example.com/back' })).rejects.toThrow(CommandError)
  })
})
