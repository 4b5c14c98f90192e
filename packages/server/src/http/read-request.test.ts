import { describe, expect, it } from 'vitest'
import { pathOfTarget, searchOfTarget } from './read-request.ts'

describe('a request target', () => {
  it.each([
    ['/a/b?c=d', '/a/b', '?c=d'],
    ['/a', '/a', ''],
    ['/', '/', ''],
    ['', '/', ''],
    ['http://host:80/a?b', '/a', '?b'],
    ['http://host', '/', ''],
    ['http://host?x', '/', '?x'],
    ['/a?b?c#d', '/a', '?b?c'],
    ['/a#b?c', '/a', ''],
    ['/../x', '/../x', ''],
  ])('%s is split into path and query without being resolved', (target, path, search) => {
    expect([pathOfTarget(target), searchOfTarget(target)]).toEqual([path, search])
  })
})
