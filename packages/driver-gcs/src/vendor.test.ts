import { Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import type { Answer, Sent } from './client.ts'
import { fixedToken } from '@filegate/core/oauth'
import { createVendor } from './vendor.ts'

/** A vendor whose answers are made up, and what was sent for them. */
async function vendorThat(answer: (sent: Sent) => { readonly status: number; readonly text: string }) {
  const sent: Sent[] = []
  const client = {
    async send(one: Sent): Promise<Answer> {
      sent.push(one)
      const { status, text } = answer(one)
      return { status, headers: {}, stream: Object.assign(Readable.from([Buffer.from(text)])) }
    },
    close() {},
  }
  const endpoint = { root: 'https://storage.example.com/sub' }
  const vendor = createVendor(await import('@google-cloud/storage'), { client, login: fixedToken('marker'), endpoint })
  return { vendor, sent }
}

describe('the library of the vendor', () => {
  it('asks at the endpoint, whatever the environment names', async () => {
    vi.stubEnv('STORAGE_EMULATOR_HOST', 'http://elsewhere.example.com')
    const { vendor, sent } = await vendorThat(() => ({ status: 200, text: '{}' }))
    await vendor.during(undefined).bucket('one').file('a b/ü?#').getMetadata({ generation: '5' })
    vi.unstubAllEnvs()
    expect(sent).toMatchObject([
      {
        method: 'GET',
        url: 'https://storage.example.com/sub/storage/v1/b/one/o/a%20b%2F%C3%BC%3F%23?generation=5',
        headers: { authorization: 'Bearer marker' },
      },
    ])
  })

  it.each(['<html>', '{"items":5}', '{"items":[null]}', '{"items":[{}]}'])(
    'fails where the answer is none of the API, and takes nobody with it: %s',
    async (text) => {
      const { vendor } = await vendorThat(() => ({ status: 200, text }))
      const asked = vendor.during(undefined).getBuckets({ autoPaginate: false, project: 'p' })
      await expect(asked).rejects.toBeInstanceOf(Error)
    },
  )

  it('gives its token to no other host', async () => {
    const { vendor, sent } = await vendorThat(() => ({ status: 200, text: '' }))
    for (const url of [
      'https://storage.example.com/upload',
      'https://other.example.com/upload',
      'http://storage.example.com/',
    ]) {
      await vendor.exchange({ method: 'PUT', url })
    }
    expect(sent.map(({ headers = {} }) => headers.authorization)).toEqual(['Bearer marker', undefined, undefined])
  })

  it('tells of a refusal what the vendor told, and no secret', async () => {
    const told = { error: { code: 403, message: 'said', errors: [{ reason: 'forbidden' }] } }
    const { vendor } = await vendorThat(() => ({ status: 403, text: JSON.stringify(told) }))
    const url = 'https://storage.example.com/sub/storage/v1/b/one/o?prefix=x'
    const refused = vendor.exchange({ method: 'GET', url })
    await expect(refused).rejects.toMatchObject({
      status: 403,
      reason: 'forbidden',
      said: 'said',
      bucket: 'one',
      isApi: true,
    })
    await expect(refused).rejects.not.toThrow('marker')
  })
})
