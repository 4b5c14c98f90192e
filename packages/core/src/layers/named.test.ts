import { describe, expect, it } from 'vitest'
import { collectBytes, streamBytes } from '../byte-stream.ts'
import { memory } from '../memory.ts'
import { parseMask } from '../names/mask.ts'
import { segmentOfName } from '../names/segment.ts'
import { parsePath } from '../path.ts'
import { faulty } from '../testing/faulty.ts'
import { named } from './named.ts'

const mask = parseMask('Slash,Question,BackSlash,RightPeriod,InvalidUtf8,Dot') ?? 0

function wrapped(files: Record<string, string>) {
  const wire = faulty(memory(files))
  return { wire, driver: named(mask)(wire) }
}
const text = async (body: ReadableStream<Uint8Array>): Promise<string> =>
  Buffer.from(await collectBytes(body)).toString()

describe('the names layer', () => {
  it('asks the vendor for wire names and shows the names of users', async () => {
    const { driver, wire } = wrapped({ 'why？/end．': 'x' })
    const path = parsePath('why?/end.')
    expect(await driver.stat(path)).toMatchObject({ path: 'why?/end.', name: 'end.' })
    const { entry, body } = await driver.read(path)
    expect(entry).toMatchObject({ path: 'why?/end.', name: 'end.' })
    expect(await text(body)).toBe('x')
    expect(wire.calls.map((call) => call.path)).toEqual(['why？/end．', 'why？/end．'])
  })

  it('decodes the names of listings, walks and revisions', async () => {
    const { driver } = wrapped({ 'why？/a＼b': 'x' })
    expect((await driver.list(parsePath('why?'))).items).toMatchObject([{ path: 'why?/a\\b', name: 'a\\b' }])
    expect((await driver.walk?.(parsePath('')))?.items.map(({ path }) => path)).toEqual(['why?', 'why?/a\\b'])
    expect((await driver.revisions?.(parsePath('why?/a\\b')))?.items).toMatchObject([{ path: 'why?/a\\b' }])
  })

  it('encodes the destination of copies and moves', async () => {
    const { driver, wire } = wrapped({ 'a？': 'x' })
    expect(await driver.copy?.(parsePath('a?'), { destination: parsePath('b?') })).toMatchObject({ path: 'b?' })
    expect(await driver.move?.(parsePath('b?'), { destination: parsePath('c?') })).toMatchObject({ path: 'c?' })
    expect((await wire.list(parsePath(''))).items.map(({ name }) => name)).toEqual(['a？', 'c？'])
  })

  it('encodes what is written, made, dated and removed', async () => {
    const { driver, wire } = wrapped({})
    await driver.makeDirectory?.(parsePath('d?'))
    const body = streamBytes(Buffer.from('x'))
    expect(await driver.write?.(parsePath('d?/f.'), { body })).toMatchObject({ path: 'd?/f.', name: 'f.' })
    expect(await driver.setModified?.(parsePath('d?/f.'), { modified: 5 })).toMatchObject({
      path: 'd?/f.',
      modified: 5,
    })
    expect((await wire.list(parsePath('d？'))).items.map(({ name }) => name)).toEqual(['f．'])
    await driver.remove?.(parsePath('d?/f.'))
    expect((await wire.list(parsePath('d？'))).items).toEqual([])
  })

  it('finds an entry under every spelling and answers with the canonical one', async () => {
    const { driver } = wrapped({ 'a\nb': 'x' })
    for (const spelling of ['a\nb', 'a␊b'])
      expect(await driver.stat(parsePath(spelling))).toMatchObject({ path: 'a␊b' })
  })

  it('reaches names that no path can hold', async () => {
    const inside = ['a/b', '..', 'nul\0', ''].map((name) => [segmentOfName(name), name] as const)
    const driver = named(1)(memory(Object.fromEntries(inside)))
    const { items } = await driver.list(parsePath(''))
    expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['a／b', '．．', 'nul␀']))
    expect(items).toHaveLength(4)
    for (const { path, name } of items) {
      expect(parsePath(path)).toBe(path)
      expect(name).not.toBe('')
      expect(inside.map(([, stored]) => stored)).toContain(await text((await driver.read(path)).body))
    }
  })

  it('speaks of the path that the user gave when something fails', async () => {
    const { driver } = wrapped({})
    await expect(driver.stat(parsePath('why?/missing.'))).rejects.toMatchObject({
      code: 'NotFound',
      path: 'why?/missing.',
      message: 'File or directory not found: /why?/missing.',
    })
  })

  it('refuses a name that the vendor cannot tell from another', async () => {
    const { driver, wire } = wrapped({})
    await expect(driver.stat(parsePath('．.'))).rejects.toMatchObject({ code: 'InvalidPath' })
    expect(wire.calls).toEqual([])
  })
})
