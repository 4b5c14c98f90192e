import { StorageError } from '@filegate/core'
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readPkcs12 } from './pkcs12.ts'

const wrong = (option: string, message: string): StorageError =>
  new StorageError('InvalidArgument', `${option}: ${message}`)

/**
 * A certificate with its key as PEM without a password, the certificate of the key first, those of its issuers behind it.
 * @param file PEM or PKCS #12
 * @throws StorageError `InvalidArgument` that names the option to look at
 */
export async function certificatePem(file: Buffer, password: string): Promise<string> {
  const isPem = file.includes('-----BEGIN ')
  const { key, certificates } = isPem ? readPem(file.toString('utf8'), password) : await readPkcs12(file, password)
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key))
  if (!own) throw wrong('client_certificate_path', 'the key in the file belongs to none of the certificates in it.')
  const chain = [own, ...certificates.filter((certificate) => certificate !== own)]
  return [String(key.export({ format: 'pem', type: 'pkcs8' })), ...chain.map(String)].join('\n')
}

function readPem(text: string, password: string): { key: KeyObject; certificates: readonly X509Certificate[] } {
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g) ?? []
  const key = blocks.find((block) => /^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(block))
  const certificates = blocks.filter((block) => /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(block))
  if (!key || certificates.length === 0) {
    throw wrong('client_certificate_path', 'the file has to hold a certificate and its key.')
  }
  return { key: privateKey(key, password), certificates: certificates.map(certificate) }
}

function privateKey(pem: string, password: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(password !== '' && { passphrase: password }) })
  } catch (cause) {
    const needsPassword = /ENCRYPTED/.test(pem)
    const problem = password === '' ? 'is required: the key is encrypted.' : 'the password does not open the key.'
    if (needsPassword) throw wrong('client_certificate_password', problem).with({ cause })
    throw wrong('client_certificate_path', 'the key in the file cannot be read.').with({ cause })
  }
}

function certificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw wrong('client_certificate_path', 'a certificate in the file cannot be read.').with({ cause })
  }
}
