import { parsePath } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { Query } from '../http/query.ts'
import { checkTakes, chooseView } from './choose.ts'
import { views } from './index.ts'

const nameOf = (search: string): string | undefined => chooseView(new Query(search))?.parameters[0]

describe('the parameters of a request', () => {
  it('choose one view by its name or an alias, and none when nothing is asked', () => {
    expect([nameOf('?hash'), nameOf('?sha256=1'), nameOf('?hash&sha256'), nameOf('?lines=1')]).toEqual([
      'hash',
      'hash',
      'hash',
      'lines',
    ])
    expect([nameOf(''), nameOf('?download'), nameOf('?nobody=knows')]).toEqual([undefined, undefined, undefined])
  })

  it('can switch a flag off, while a value is never read as a flag', () => {
    expect([nameOf('?hash=false'), nameOf('?zip=0'), nameOf('?grep=false'), nameOf('?glob=0')]).toEqual([
      undefined,
      undefined,
      'grep',
      'glob',
    ])
    expect(() => nameOf('?hash=perhaps')).toThrow("Parameter 'hash' takes true or false")
  })

  it('that exclude each other are refused by name', () => {
    expect(() => nameOf('?hash&zip')).toThrow(/hash.*zip|zip.*hash/)
    expect(() => nameOf('?history&at=5')).toThrow('history, at')
  })

  it('belong to one view each', () => {
    const names = views.flatMap(({ parameters }) => parameters)
    expect(new Set(names).size).toBe(names.length)
  })

  it('load views that go by the name of their parameter', async () => {
    for (const view of views) {
      const { parameters } = view
      const { name } = await view.load()
      // A listing is asked for by its format.
      expect(name === 'listing' ? ['listing'] : parameters).toContain(name)
    }
  })

  it('of a view for files are refused on a directory, and the other way round', async () => {
    const directory = { kind: 'directory', path: parsePath('a'), name: 'a' } as const
    const lines = await chooseView(new Query('?lines=1'))?.load()
    const glob = await chooseView(new Query('?glob=*'))?.load()
    expect(() => lines && checkTakes(lines, directory)).toThrow(
      "Parameter 'lines' works on a file, and /a is a directory.",
    )
    expect(() => glob && checkTakes(glob, { ...directory, kind: 'file' })).toThrow("'glob' works on a directory")
  })
})
