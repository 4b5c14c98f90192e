import { readFileSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parsePath, StorageError } from '@filegate/core'
import { describe, expect, it } from 'vitest'
import { openFiles } from './open-files.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

const base = temporaryFolder()
const root = join(base, 'root')
mkdirSync(join(root, 'open'), { recursive: true })
writeFileSync(join(root, 'open/file'), 'content')
writeFileSync(join(root, 'closed'), 'content')
writeFileSync(join(base, 'outside'), 'content')
symlinkSync('../outside', join(root, 'link'))

function contentAt(path: string, within?: readonly ReturnType<typeof parsePath>[]): string {
  const file = openFiles({ root, followsSymlinks: false, within })(parsePath(path))
  try {
    return readFileSync(file.descriptor, 'utf8')
  } finally {
    file.close()
  }
}

const refused = (error: unknown): boolean => StorageError.is(error, 'NotFound')

describe('files opened without a driver', () => {
  it('are those of the folder', () => {
    expect(contentAt('open/file')).toBe('content')
  })

  it('are none outside of it, nor outside the places that were given', () => {
    expect(() => contentAt('link')).toThrow(expect.toSatisfy(refused))
    expect(() => contentAt('closed', [parsePath('open')])).toThrow(expect.toSatisfy(refused))
    expect(contentAt('open/file', [parsePath('open')])).toBe('content')
  })
})
