import { parsePath, root } from '@filegate/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectFull, type Full, put } from './testing/full-driver.ts'
import { type SimulatedDropbox, startSimulatedDropbox } from './testing/simulated-dropbox.ts'
import { urlOf } from './testing/url-of.ts'

let service: SimulatedDropbox
beforeAll(async () => {
  service = await startSimulatedDropbox()
  service.seed({ '/file': 'content' })
})
afterAll(() => service.close())

type Instead = () => Response

/** The vendor, but for a route. */
async function answering(route: string, instead: Instead): Promise<Full> {
  let isOn = false
  const driver = await connectFull(
    service,
    { pacer_min_sleep: '1ms' },
    {
      fetch: async (input, init) =>
        isOn && urlOf(input).endsWith(`/2/${route}`) ? instead() : service.fetch(input, init),
    },
  )
  isOn = true
  return driver
}

/** Bytes without an end, and how many of them were taken. */
function endless(): {
  readonly body: ReadableStream<Uint8Array>
  readonly taken: () => number
  readonly cancelled: Promise<void>
} {
  const chunk = new Uint8Array(65_536).fill(120)
  const { promise: cancelled, resolve } = Promise.withResolvers<void>()
  let taken = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      taken += chunk.length
      controller.enqueue(chunk)
    },
    cancel: () => resolve(),
  })
  return { body, taken: () => taken, cancelled }
}

const file = {
  '.tag': 'file',
  name: 'file',
  id: 'id:x',
  rev: '0123456789ab',
  size: 7,
  client_modified: '2020-01-01T00:00:00Z',
}

describe('a vendor that answers nonsense', () => {
  it.each<[string, Instead]>([
    ['no JSON', () => new Response('<html>login</html>', { headers: { 'content-type': 'text/html' } })],
    ['nothing', () => new Response(null)],
    ['null', () => Response.json(null)],
    ['another shape', () => Response.json({ entries: 'many', cursor: 1, has_more: 'yes' })],
    ['an unknown kind of entry', () => Response.json({ '.tag': 'hologram', name: 'x' })],
  ])('(%s) is told of, and nothing of the answer', async (_what, instead) => {
    for (const ask of [
      async () => (await answering('files/get_metadata', instead)).stat(parsePath('file')),
      async () => (await answering('files/list_folder', instead)).list(root),
      async () => (await answering('files/copy_v2', instead)).copy(parsePath('file'), { destination: parsePath('b') }),
      async () => put(await answering('files/upload_session/finish_batch_v2', instead), 'written'),
      async () => (await answering('files/delete_v2', instead)).remove(parsePath('file')),
      async () => (await answering('files/create_folder_v2', instead)).makeDirectory(parsePath('new')),
    ]) {
      const error: unknown = await ask().catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: 'Unexpected', message: 'Dropbox answered in a way that is not its own.' })
    }
  })

  it.each([409, 500, 403, 401, 400])(
    'with %s and pages of text says what it means, not what it holds',
    async (status) => {
      const driver = await answering('files/get_metadata', () => new Response('<b>marker</b>'.repeat(9), { status }))
      const error: unknown = await driver.stat(parsePath('file')).catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: expect.stringMatching(/^[A-Z]/) })
      expect(String(error)).not.toContain('marker')
    },
  )

  it.each([-5, 1e20, 1.5])('(a size of %s) is told of', async (size) => {
    const driver = await answering('files/get_metadata', () => Response.json({ ...file, size }))
    await expect(driver.stat(parsePath('file'))).rejects.toMatchObject({ code: 'Unexpected' })
  })

  it('and sends another part of a file than was asked for is not believed', async () => {
    const headers = { 'content-range': 'bytes 1-3/7', 'dropbox-api-result': JSON.stringify(file) }
    const driver = await answering('files/download', () => new Response('odd', { status: 206, headers }))
    const reading = driver.read(parsePath('file'), { range: { start: 2, end: 5 } })
    await expect(reading).rejects.toMatchObject({
      code: 'Unexpected',
      message: expect.stringContaining('another part'),
    })
  })

  it('and leads to another host is not followed, and nothing counts as done', async () => {
    const asked = new Set<unknown>()
    const redirect = () => new Response(null, { status: 307, headers: { location: 'https://evil.example/' } })
    let isOn = false
    const driver = await connectFull(
      service,
      { batch_mode: 'off' },
      {
        fetch: async (input, init) => {
          asked.add(init?.redirect)
          return isOn ? redirect() : service.fetch(input, init)
        },
      },
    )
    isOn = true
    for (const ask of [
      () => driver.stat(parsePath('file')),
      () => driver.read(parsePath('file')),
      () => driver.remove(parsePath('file')),
      () => put(driver, 'written'),
    ]) {
      await expect(ask()).rejects.toMatchObject({ code: 'Unexpected', message: expect.stringContaining('not its own') })
    }
    expect([...asked]).toEqual(['manual'])
  })

  it('does not make a listing fail for one name that cannot be', async () => {
    const names = ['good', '..', '', 'a/b', 'nul\0', 'file']
    const entries = names.map((name, place) => ({ ...file, name, path_lower: `/${place}`, path_display: `/${name}` }))
    const page = () => Response.json({ entries, cursor: 'x', has_more: false })
    const driver = await answering('files/list_folder', page)
    expect((await driver.list(root)).items.map(({ name }) => name)).toEqual(['good', 'file'])
    expect((await driver.walk(root)).items.map(({ path }) => path)).toEqual(['good', 'file'])
    const changing = await answering('files/list_folder/continue', page)
    expect(await changing.changes?.('from')).toMatchObject({ paths: ['good', 'file'] })
  })
})

describe('an answer without an end', () => {
  it('is no error that fills the memory', async () => {
    const { body, taken, cancelled } = endless()
    const driver = await answering('files/get_metadata', () => new Response(body, { status: 500 }))
    await expect(driver.stat(parsePath('file'))).rejects.toMatchObject({ code: 'Unavailable' })
    await cancelled
    expect(taken()).toBeLessThan(1_048_576)
  })

  it('of a download that is refused is let go of', async () => {
    const { body, taken, cancelled } = endless()
    const driver = await answering('files/download', () => new Response(body, { status: 500 }))
    await expect(driver.read(parsePath('file'))).rejects.toMatchObject({ code: 'Unavailable' })
    await cancelled
    expect(taken()).toBeLessThan(1_048_576)
  })

  it('of a call that works is given up', async () => {
    const { body, taken, cancelled } = endless()
    const driver = await answering('files/list_folder', () => new Response(body))
    await expect(driver.list(root)).rejects.toMatchObject({
      code: 'Unexpected',
      message: expect.stringContaining('more than any answer'),
    })
    await cancelled
    expect(taken()).toBeLessThan(80 * 1_048_576)
  })
})
