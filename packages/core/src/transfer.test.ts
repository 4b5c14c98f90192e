import { expect, it } from 'vitest'
import { memory } from './memory.ts'
import { parsePath } from './path.ts'
import { requireMethods } from './capability.ts'
import { copyFile } from './transfer.ts'

it('a copy hands over what the source knows of the file, digests included', async () => {
  const hashes = { md5: 'ab'.repeat(16) }
  const source = memory({ 'a.txt': 'hello' })
  const inner = requireMethods(memory({}), 'write')
  let written: unknown
  const target: typeof inner = {
    ...inner,
    write(path, options) {
      written = options
      return inner.write(path, options)
    },
  }
  const knowing: typeof source = {
    ...source,
    async read(path, options) {
      const { entry, ...rest } = await source.read(path, options)
      return { ...rest, entry: { ...entry, modified: 5, contentType: 'text/x-demo', hashes } }
    },
  }
  await copyFile(knowing, target, parsePath('a.txt'), parsePath('b.txt'))
  expect(written).toMatchObject({ size: 5, modified: 5, contentType: 'text/x-demo', hashes })
})
