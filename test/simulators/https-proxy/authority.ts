import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { integer, oid, pem, sequence, set, time, value } from './der.ts'

/** A certificate with its key, both in PEM. */
export interface Identity {
  readonly certificate: string
  readonly key: string
}

export interface Authority {
  /** What clients have to trust, in PEM. */
  readonly certificate: string
  /** A certificate for servers of these names; `*.example.com` is one label below. */
  identify(names: readonly string[]): Identity
}

interface Holder {
  readonly name: Buffer
  readonly publicKey: KeyObject
}

const ecdsaWithSha256 = value(0x30, value(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicKeyOf = ({ publicKey }: Holder): Buffer => publicKey.export({ type: 'spki', format: 'der' })
const keyIdentifier = (holder: Holder): Buffer => createHash('sha1').update(publicKeyOf(holder)).digest()

/** An authority for certificates (RFC 5280) that lives as long as a test, with a name of its own. */
export function createAuthority(): Authority {
  const { publicKey, privateKey } = keyPair()
  const authority: Holder = { name: nameOf(`Throw-away authority ${randomBytes(8).toString('hex')}`), publicKey }
  const issue = (holder: Holder, ...extensions: readonly Buffer[]): string => {
    const content = sequence(
      value(0xa0, integer(Buffer.of(2))),
      integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
      ecdsaWithSha256,
      authority.name,
      sequence(time(-1), time(10)),
      holder.name,
      publicKeyOf(holder),
      value(0xa3, sequence(...extensions, subjectKey(holder), authorityKey(authority))),
    )
    return pem(sequence(content, ecdsaWithSha256, value(0x03, Buffer.of(0), sign('sha256', content, privateKey))))
  }
  return {
    certificate: issue(authority, isAuthority, mayUseKeyFor(0x06)),
    identify(names) {
      const pair = keyPair()
      const holder: Holder = { name: nameOf('Simulators of vendors'), publicKey: pair.publicKey }
      return {
        certificate: issue(holder, mayUseKeyFor(0x80), servesTls, namesOf(names)),
        key: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })),
      }
    },
  }
}

const nameOf = (name: string): Buffer => sequence(set(sequence(oid('550403'), value(0x0c, Buffer.from(name)))))

const extension = (identifier: string, content: Buffer, isCritical = false): Buffer =>
  sequence(oid(identifier), ...(isCritical ? [value(0x01, Buffer.of(0xff))] : []), value(0x04, content))

const isAuthority = extension('551d13', sequence(value(0x01, Buffer.of(0xff))), true)
const servesTls = extension('551d25', sequence(oid('2b06010505070301')))

/** Bits of KeyUsage, the first one being the highest: 0x80 signs, 0x06 signs certificates and lists of revoked ones. */
function mayUseKeyFor(bits: number): Buffer {
  const unused = Math.log2(bits & -bits)
  return extension('551d0f', value(0x03, Buffer.of(unused, bits)), true)
}

const namesOf = (names: readonly string[]): Buffer =>
  extension('551d11', sequence(...names.map((name) => value(0x82, Buffer.from(name)))))
const subjectKey = (holder: Holder): Buffer => extension('551d0e', value(0x04, keyIdentifier(holder)))
const authorityKey = (holder: Holder): Buffer => extension('551d23', sequence(value(0x80, keyIdentifier(holder))))
