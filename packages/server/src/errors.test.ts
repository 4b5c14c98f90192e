import { StorageError } from '@filegate/core'
import { expect, it } from 'vitest'
import { errorResponse } from './errors.ts'
import { problem } from './http/problem.ts'
import { createReply } from './http/reply.ts'
import { defaultSettings } from './settings.ts'

const reply = createReply(defaultSettings('/nowhere', '/nowhere'))
const place = { urlOf: (path: string) => `https://here${path}`, methods: () => 'GET, HEAD' }
const answer = (error: unknown) => errorResponse(error, reply, () => {}, place)

it('405 says which methods there are, and no other status does', () => {
  const refused = answer(problem('InvalidArgument', { status: 405, code: 'METHOD_NOT_ALLOWED' }, 'Not that one.'))
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect(answer(new StorageError('NotFound', 'Gone.')).headers.get('allow')).toBeNull()
})
