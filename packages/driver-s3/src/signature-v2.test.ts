import { describe, expect, it } from 'vitest'
import { signerV2, textToSign } from './signature-v2.ts'

/** The examples of the vendor's documentation, which come with this key. */
const identity = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}

describe('version 2 of the signature', () => {
  it('signs the bucket of a host name with the path', () => {
    const request = {
      method: 'GET',
      hostname: 'x',
      path: '/photos/puppy.jpg',
      headers: {},
      query: { 'x-id': 'GetObject' },
    }
    expect(textToSign(request, 'Tue, 27 Mar 2007 19:36:42 +0000', 'awsexamplebucket1')).toBe(
      'GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/awsexamplebucket1/photos/puppy.jpg',
    )
  })

  it('signs the headers of the vendor in order, and only the parameters that name a part of the bucket', () => {
    const request = {
      method: 'PUT',
      hostname: 'x',
      path: '/b/k',
      headers: { 'X-Amz-Meta-B': ' 2 ', 'x-amz-acl': 'private', 'Content-Type': 'text/plain', host: 'x' },
      query: { uploadId: 'u', partNumber: '3', prefix: 'p', acl: '' },
    }
    expect(textToSign(request, '', undefined)).toBe(
      'PUT\n\ntext/plain\n\nx-amz-acl:private\nx-amz-meta-b:2\n/b/k?acl&partNumber=3&uploadId=u',
    )
  })

  it('carries the token of a temporary key', async () => {
    const signer = signerV2(
      async () => ({ ...identity, sessionToken: 'token' }),
      () => undefined,
    )
    const request = { method: 'GET', protocol: 'http:', hostname: 'x', path: '/b/k', headers: {} }
    const signed = await signer.sign(request, { signingDate: new Date(0) })
    expect(signed.headers).toMatchObject({
      'x-amz-date': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'x-amz-security-token': 'token',
      authorization: expect.stringMatching(/^AWS AKIAIOSFODNN7EXAMPLE:[A-Za-z0-9+/]{27}=$/),
    })
  })
})
