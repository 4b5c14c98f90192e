import { afterEach, expect, test } from 'vitest'
import { decodeText } from './decode-text.ts'
import type { IsolatedLimits } from '../isolated/isolated-runner.ts'
import { createDocuments, type Documents } from './documents.ts'

const opened: Documents[] = []
afterEach(() => {
  for (const documents of opened.splice(0)) documents.close()
})

function open(changed: Partial<IsolatedLimits> = {}): Documents {
  const documents = createDocuments({ deadline: 10_000, idleTime: 1000, mostWaiting: 3, ...changed })
  opened.push(documents)
  return documents
}

const bytes = (...numbers: number[]) => new Uint8Array(numbers)

test('markdown is rendered in a thread, in the order it is asked for', async () => {
  const documents = open()
  const rendered = await Promise.all(['*a*', '*b*'].map((source) => documents.markdown(source)))
  expect(rendered).toEqual(['<p><em>a</em></p>\n', '<p><em>b</em></p>\n'])
})

test('a document that nests beyond reason fails by itself and the next one is rendered', async () => {
  const documents = open()
  await expect(documents.markdown('>'.repeat(20_000) + 'x')).rejects.toMatchObject({ name: 'StorageError' })
  expect(await documents.markdown('ok')).toBe('<p>ok</p>\n')
})

test('a document that grows beyond measure fails by itself and the next one is rendered', async () => {
  const documents = open()
  const bomb = `[a]: </${'x'.repeat(100_000)}>\n\n${'[a] '.repeat(30_000)}`
  await expect(documents.markdown(bomb)).rejects.toMatchObject({ name: 'StorageError' })
  expect(await documents.markdown('ok')).toBe('<p>ok</p>\n')
})

test('a document that takes too long is given up and the next one is rendered', async () => {
  const hurried = open({ deadline: 1 })
  // A minute of work.
  await expect(hurried.markdown('a_'.repeat(80_000))).rejects.toMatchObject({ code: 'TimedOut' })
  const documents = open()
  expect(await documents.markdown('ok')).toBe('<p>ok</p>\n')
})

test('more documents than may wait are turned away', async () => {
  const documents = open()
  const asked = Array.from({ length: 6 }, () => documents.markdown('x'))
  const outcomes = await Promise.allSettled(asked)
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(2)
})

test('text in legacy character sets is read as what it is', async () => {
  const documents = open()
  const russian = bytes(
    ...'\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0? \xdd\xf2\xee \xef\xf0\xee\xe2\xe5\xf0\xea\xe0.'
      .split('')
      .map((c) => c.charCodeAt(0)),
  )
  expect(await decodeText(russian, documents)).toEqual({
    text: 'Привет, как дела? Это проверка.',
    charset: 'windows-1251',
  })
  const japanese = bytes(0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea, 0x82, 0xcc, 0x83, 0x65, 0x83, 0x4c, 0x83, 0x58, 0x83, 0x67)
  expect(await decodeText(japanese, documents)).toEqual({ text: '日本語のテキスト', charset: 'shift_jis' })
})

test('UTF-8 and marked text needs no guess, and a character cut off at the end is left out', async () => {
  const documents = open()
  expect(await decodeText(bytes(0x61, 0xc3, 0xa9, 0xe2, 0x82), documents)).toEqual({ text: 'aé', charset: 'utf-8' })
  expect(await decodeText(bytes(0xff, 0xfe, 0x61, 0x00), documents)).toEqual({ text: 'a', charset: 'utf-16le' })
})
