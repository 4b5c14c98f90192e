import { createHash, createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { Sha256 } from './sha256.ts'

const text = Buffer.from('some text')

it('digests what has come until now, again after a reset', async () => {
  const hash = new Sha256()
  hash.update(text)
  expect(await hash.digest()).toEqual(createHash('sha256').update(text).digest())
  hash.update(text)
  expect(await hash.digest()).toEqual(createHash('sha256').update(text).update(text).digest())
  hash.reset()
  hash.update(text)
  expect(await hash.digest()).toEqual(createHash('sha256').update(text).digest())
})

const secret = Uint8Array.of(1, 2, 3, 4)

it.each([
  ['bytes', secret],
  ['the same bytes once more', secret],
  ['a part of a buffer', new DataView(Uint8Array.of(0, 1, 2, 3, 4, 5).buffer, 1, 4)],
  ['a buffer', Uint8Array.of(1, 2, 3, 4).buffer],
  ['text', '\u0001\u0002\u0003\u0004'],
])('authenticates with a secret: %s', async (_form, given) => {
  const hash = new Sha256(given)
  hash.update(text)
  expect(await hash.digest()).toEqual(createHmac('sha256', secret).update(text).digest())
})
