import { StorageError } from '@filegate/core'
import { expect, test } from 'vitest'
import { errorText } from './error-text.ts'

test('an error is its message in one line, and the places it came through', () => {
  const [first, second] = errorText(new StorageError('Unexpected', 'It broke')).split('\n')
  expect(first).toBe('StorageError: It broke')
  expect(second).toMatch(/^ {4}at .*error-text\.test\.ts/)
})

test('names of files cannot forge lines or command a terminal', () => {
  const message = 'Not found: /a\nfilegate: all is well\r\u001b[2J\u202e\n    at /forged\u001b]0;x'
  for (const error of [new Error(message), message, Object.assign(new Error(message), { stack: undefined })]) {
    const lines = errorText(error).split('\n')
    // oxlint-disable-next-line no-control-regex -- these are what must not be there
    expect(errorText(error)).not.toMatch(/[\r\u001b\u202e]/)
    expect(lines.filter((line) => line.includes('all is well'))).toHaveLength(1)
    expect(lines[0]).toContain('\\x0afilegate: all is well')
  }
})
