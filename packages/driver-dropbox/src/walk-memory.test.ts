import { parsePath } from '@filegate/core'
import { expect, it } from 'vitest'
import { walkMemory } from './walk-memory.ts'

it('pages that belong to one walk know the same names, until it ends', () => {
  const memory = walkMemory()
  const names = memory.recall('')
  names.set('/a', parsePath('A'))
  memory.keep('first', names)
  memory.keep('second', memory.recall('first'))
  expect(memory.recall('second').get('/a')).toBe('A')
  expect(memory.recall('other').size).toBe(0)
  memory.drop(names)
  expect([memory.recall('first').size, memory.recall('second').size]).toEqual([0, 0])
})

it('walks that nobody goes on with are forgotten', () => {
  const memory = walkMemory()
  for (let page = 0; page < 100; page++) memory.keep(`cursor ${page}`, new Map([['/a', parsePath('A')]]))
  expect([memory.recall('cursor 0').size, memory.recall('cursor 99').size]).toEqual([0, 1])
})
