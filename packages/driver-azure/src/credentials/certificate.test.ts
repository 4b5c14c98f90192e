import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { assert, asyncProperty, integer, nat } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StorageError } from '@filegate/core'
import { selfSigned } from '../../../../test/e2e/self-signed.ts'
import { certificatePem } from './certificate.ts'

// Made with OpenSSL: a key with its certificate and that of its issuer, once in each way to protect them.
const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url))
const leaf = new X509Certificate(fixture('leaf.pem'))

const certificatesIn = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (each) => new X509Certificate(each),
  )

describe('a certificate for a login', () => {
  it.each([
    ['aes.p12', 'secret'],
    ['triple-des.p12', 'secret'],
    ['no-password.p12', ''],
  ])('comes out of %s with its key, its own certificate first', async (name, password) => {
    const pem = await certificatePem(fixture(name), password)
    const [own, issuer] = certificatesIn(pem)
    expect(own?.fingerprint256).toBe(leaf.fingerprint256)
    expect(own?.checkPrivateKey(createPrivateKey(pem))).toBe(true)
    expect(issuer?.subject).toBe('CN=Issuer of tests')
  })

  it.each([
    ['aes.p12', 'wrong', 'client_certificate_password'],
    ['triple-des.p12', 'wrong', 'client_certificate_password'],
    ['aes.p12', '', 'client_certificate_password'],
    ['rc2.p12', 'secret', 'too old'],
    ['no-key.p12', 'secret', 'client_certificate_path'],
  ])('%s with the password %j says what to look at', async (name, password, said) => {
    await expect(certificatePem(fixture(name), password)).rejects.toThrow(said)
  })

  it('comes out of PEM, with an encrypted key as well', async () => {
    const { certificate, key } = selfSigned('rsa')
    const encrypted = createPrivateKey(key).export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'p',
    })
    for (const [file, password] of [
      [`${certificate}\n${key}`, ''],
      [`${key}\n${certificate}`, 'not needed'],
      [`${String(encrypted)}\n${certificate}`, 'p'],
    ] as const) {
      const pem = await certificatePem(Buffer.from(file), password)
      expect(certificatesIn(pem)[0]?.checkPrivateKey(createPrivateKey(pem))).toBe(true)
    }
    const wrong = Buffer.from(`${String(encrypted)}\n${certificate}`)
    await expect(certificatePem(wrong, 'q')).rejects.toThrow('client_certificate_password: the password does not open')
    await expect(certificatePem(wrong, '')).rejects.toThrow('client_certificate_password: is required')
    await expect(certificatePem(Buffer.from(certificate), '')).rejects.toThrow('a certificate and its key')
    const strange = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      format: 'pem',
      type: 'pkcs8',
    })
    await expect(certificatePem(Buffer.from(`${String(strange)}${certificate}`), '')).rejects.toThrow('belongs to none')
  })

  it('any damage ends in a sentence that names the option, and soon', async () => {
    const whole = fixture('aes.p12')
    await assert(
      asyncProperty(
        nat(whole.length - 1),
        integer({ min: 1, max: 255 }),
        nat(whole.length),
        async (place, flip, length) => {
          const file = Buffer.from(whole.subarray(0, Math.max(1, length)))
          const at = place % file.length
          file[at] = (file[at] ?? 0) ^ flip
          const refusal = await certificatePem(file, 'secret').then(
            () => undefined,
            (error: unknown) => error,
          )
          return refusal === undefined || StorageError.is(refusal, 'InvalidArgument')
        },
      ),
      { numRuns: 300 },
    )
  })
})
