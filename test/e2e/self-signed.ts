import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { integer, oid, pem, sequence, set, time, value } from '../simulators/https-proxy/der.ts'

/** A certificate for localhost and 127.0.0.1 that signs itself, made anew each time, in PEM. */
export function selfSigned(kind: keyof typeof kinds = 'ec'): { readonly certificate: string; readonly key: string } {
  const { pair, algorithm } = kinds[kind]
  const { publicKey, privateKey } = pair()
  // Whoever trusts several of these finds them by their names, which must differ.
  const number = randomBytes(8).toString('hex')
  const name = sequence(
    set(sequence(oid('550403'), value(0x0c, Buffer.from('localhost')))),
    set(sequence(oid('550405'), value(0x13, Buffer.from(number)))),
  )
  const names = sequence(value(0x82, Buffer.from('localhost')), value(0x87, Buffer.of(127, 0, 0, 1)))
  const content = sequence(
    value(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(-1), time(10)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    value(0xa3, sequence(sequence(oid('551d11'), value(0x04, names)))),
  )
  const signature = sign('sha256', content, privateKey)
  const certificate = sequence(content, algorithm, value(0x03, Buffer.of(0), signature))
  return { certificate: pem(certificate), key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) }
}

/** How keys are made, and what certificates call their signatures: with ECDSA, or RSA, and SHA-256. */
const kinds = {
  ec: {
    pair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    algorithm: value(0x30, value(0x06, Buffer.from('2a8648ce3d040302', 'hex'))),
  },
  rsa: {
    pair: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    algorithm: value(0x30, value(0x06, Buffer.from('2a864886f70d01010b', 'hex')), value(0x05)),
  },
} as const
