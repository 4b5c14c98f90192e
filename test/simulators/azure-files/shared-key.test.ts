import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { isSame, liteStringToSign, signText, stringToSign } from './shared-key.ts'

const request = (method: string, rawPath: string, query: Record<string, string>, headers: Record<string, string>) => ({
  method,
  rawPath,
  query: new Map(Object.entries(query).map(([name, value]) => [name, [value]])),
  header: (name: string) => headers[name],
  headerNames: Object.keys(headers),
})

// The examples are those of the reference, "Authorize with Shared Key".

it('makes the text of the published example of a reading request', () => {
  const headers = { 'x-ms-version': '2009-09-19', 'x-ms-date': 'Sun, 11 Oct 2009 21:49:13 GMT' }
  const query = { timeout: '20', restype: 'container', comp: 'metadata' }
  expect(stringToSign(request('GET', '/mycontainer', query, headers), 'myaccount')).toBe(
    'GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Sun, 11 Oct 2009 21:49:13 GMT\nx-ms-version:2009-09-19\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20',
  )
})

it('makes the text of the published example without a body, whose length of zero is left out', () => {
  const headers = {
    'x-ms-version': '2015-02-21',
    'x-ms-date': 'Fri, 26 Jun 2015 23:39:12 GMT',
    'content-length': '0',
  }
  const query = { restype: 'container', timeout: '30' }
  expect(stringToSign(request('PUT', '/mycontainer', query, headers), 'myaccount')).toBe(
    'PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n/myaccount/mycontainer\nrestype:container\ntimeout:30',
  )
})

it('makes the text of the published example of Shared Key Lite', () => {
  const headers = {
    'content-type': 'text/plain; charset=UTF-8',
    'x-ms-meta-m2': 'v2',
    'x-ms-meta-m1': 'v1',
    'x-ms-date': 'Sun, 20 Sep 2009 20:36:40 GMT',
  }
  expect(liteStringToSign(request('PUT', '/mycontainer/hello.txt', {}, headers), 'testaccount1')).toBe(
    'PUT\n\ntext/plain; charset=UTF-8\n\nx-ms-date:Sun, 20 Sep 2009 20:36:40 GMT\nx-ms-meta-m1:v1\nx-ms-meta-m2:v2\n/testaccount1/mycontainer/hello.txt',
  )
})

it('puts every standard header on its line, the date only where x-ms-date says nothing', () => {
  const headers = {
    'content-encoding': 'gzip',
    'content-language': 'de',
    'content-length': '5',
    'content-md5': 'hash',
    'content-type': 'text/plain',
    date: 'Sun, 20 Sep 2009 20:36:40 GMT',
    range: 'bytes=0-4',
  }
  const text = (more: Record<string, string>) =>
    stringToSign(request('PUT', '/share/a%20b', {}, { ...headers, ...more }), 'account').split('\n')
  const date = 'Sun, 20 Sep 2009 20:36:40 GMT'
  const standard = ['PUT', 'gzip', 'de', '5', 'hash', 'text/plain']
  expect(text({})).toEqual([...standard, date, '', '', '', '', 'bytes=0-4', '/account/share/a%20b'])
  expect(text({ 'x-ms-date': 'now' })[6]).toBe('')
})

it('folds the white space of values', () => {
  const headers = { 'x-ms-meta-a': ' two \t words ' }
  expect(
    stringToSign(request('GET', '/', {}, headers), 'account')
      .split('\n')
      .at(-2),
  ).toBe('x-ms-meta-a:two words')
})

it('signs with the bytes that the key stands for', () => {
  const key = Buffer.from('secret').toString('base64')
  const expected = createHmac('sha256', 'secret').update('text').digest('base64')
  expect(signText(key, 'text')).toBe(expected)
  expect(isSame(expected, signText(key, 'text'))).toBe(true)
  expect(isSame('', expected)).toBe(false)
})
