import { parsePath } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { expectStorable } from './forbidden-names.ts'

describe('names that the vendor does not keep', () => {
  it.each([
    'desktop.ini',
    'folder/Thumbs.db',
    '.DS_Store',
    'icon\r',
    'a/.dropbox',
    '.dropbox.attr',
    '.DROPBOX/inside',
    `long/${'n'.repeat(256)}`,
    '😀'.repeat(128),
  ])('%j is refused before anything is sent', (path) => {
    const check = (): void => expectStorable(parsePath(path))
    expect(check).toThrow('Choose another name.')
    expect(check).toThrow(expect.objectContaining({ code: 'InvalidPath' }))
  })

  it.each(['desktop.ini.txt', 'my.dropbox', '.dropbox.cache', 'n'.repeat(255), 'icon'])('%j is taken', (path) => {
    expect(() => expectStorable(parsePath(path))).not.toThrow()
  })
})
