import { describe, expect, it } from 'vitest'
import { linkExtensions } from './formats.ts'
import { linkFile } from './link-file.ts'

const text = (extension: (typeof linkExtensions)[number], name: string, url: string): string =>
  new TextDecoder().decode(linkFile(extension, { name, url }))

const address = 'https://docs.google.com/document/d/1/edit?usp=x&y=z'

describe('a file that leads to a document', () => {
  it('holds the address as its kind has it', () => {
    expect(text('url', 'n', address)).toBe(`[InternetShortcut]\r\nURL=${address}\r\n`)
    expect(text('desktop', 'n', address)).toContain(`\nURL=${address}\n`)
    expect(text('webloc', 'n', address)).toContain('<string>https://docs.google.com/document/d/1/edit?usp=x&amp;y=z<')
    expect(text('link.html', 'n', address)).toContain('url=https://docs.google.com/document/d/1/edit?usp=x&amp;y=z"')
  })

  it('is not changed in its meaning by a name', () => {
    const name = '<script>alert("1")</script>&\nExec=rm'
    expect(text('desktop', name, address).split('\n')).toHaveLength(7)
    expect(text('link.html', name, address)).not.toContain('<script>')
    for (const extension of linkExtensions) expect(text(extension, name, address)).not.toContain('\nExec')
  })
})
