import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { StorageError } from '@filegate/core'
import type { Settings } from '../settings.ts'

export interface Certificate {
  readonly cert: Buffer
  readonly key: Buffer
}

/**
 * Reads certificate and key and tries them out.
 * @throws StorageError that names the file and says what is wrong with it.
 */
export function readCertificate({ certificate, key }: NonNullable<Settings['tls']>): Certificate {
  const secrets = { cert: read('certificate', certificate), key: read('key', key) }
  const proof = checked(
    `the certificate file ${certificate} holds no PEM certificate`,
    () => new X509Certificate(secrets.cert),
  )
  const privateKey = checked(`the key file ${key} holds no PEM private key without a passphrase`, () =>
    createPrivateKey(secrets.key),
  )
  if (!proof.checkPrivateKey(privateKey)) {
    throw new StorageError('InvalidArgument', `the key in ${key} does not belong to the certificate in ${certificate}`)
  }
  checked(`the certificate in ${certificate} cannot be used`, () => createSecureContext(secrets))
  return secrets
}

function read(what: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StorageError('NotFound', `the TLS ${what} cannot be read: ${reason}`, { cause })
  }
}

function checked<T>(problem: string, check: () => T): T {
  try {
    return check()
  } catch (cause) {
    throw new StorageError('InvalidArgument', problem, { cause })
  }
}
