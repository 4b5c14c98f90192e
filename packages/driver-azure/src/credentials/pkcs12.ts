import { StorageError } from '@filegate/core'
import { createDecipheriv, createHash, createPrivateKey, type KeyObject, pbkdf2, X509Certificate } from 'node:crypto'
import { promisify } from 'node:util'
import { type Asn1, at, inside, integerOf, objectId, octets, readValues } from './der.ts'

/** What a PKCS #12 file holds. */
export interface Pkcs12 {
  readonly key: KeyObject
  readonly certificates: readonly X509Certificate[]
}

const ids = {
  data: '1.2.840.113549.1.7.1',
  encrypted: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  tripleDes: '1.2.840.113549.1.12.1.3',
  pbes2: '1.2.840.113549.1.5.13',
} as const

const ciphers: Readonly<Record<string, readonly [name: string, keyLength: number]>> = {
  '1.2.840.113549.3.7': ['des-ede3-cbc', 24],
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32],
}

const digests: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}

const option = 'client_certificate_path'
const wrong = (message: string): StorageError => new StorageError('InvalidArgument', `${option}: ${message}`)
const oldCipher = (): StorageError =>
  wrong('the file is encrypted in a way that is too old. Save it again with AES, or as PEM.')
const wrongPassword = (): StorageError =>
  new StorageError('InvalidArgument', 'client_certificate_password: the password does not open the certificate file.')

/** More rounds of a key derivation than any program takes would only keep this one busy; the old one is not in a thread. */
const mostRounds = { modern: 2_000_000, old: 60_000 } as const

/**
 * Reads a PKCS #12 file (RFC 7292) that is protected by a password.
 * @throws StorageError `InvalidArgument` on a wrong password, a damaged file, or one that holds no key with its certificate
 */
export async function readPkcs12(file: Buffer, password: string): Promise<Pkcs12> {
  try {
    return await contentOf(file, password)
  } catch (error) {
    throw StorageError.is(error) ? error : wrong('the file is damaged.').with({ cause: error })
  }
}

async function contentOf(file: Buffer, password: string): Promise<Pkcs12> {
  const [outer] = readValues(file)
  if (!outer || outer.tag !== 0x30) throw wrong('the file is neither PEM nor PKCS #12.')
  const safes = readValues(octets(at(outer, 1, 1, 0)))[0]
  if (!safes) throw wrong('the file holds nothing.')
  const bags: Asn1[] = []
  for (const content of inside(safes)) bags.push(...(await bagsOf(content, password)))
  const sealed = bags.find(isKey)
  const key = sealed && (await keyOf(sealed, password))
  const certificates = bags.flatMap(certificateOf)
  if (!key || certificates.length === 0) throw wrong('the file has to hold a certificate and its key.')
  return { key, certificates }
}

async function bagsOf(content: Asn1, password: string): Promise<readonly Asn1[]> {
  const kind = objectId(at(content, 0))
  if (kind === ids.data) return inside(single(octets(at(content, 1, 0))))
  if (kind !== ids.encrypted) throw wrong('the file is protected by something else than a password.')
  const encrypted = at(content, 1, 0, 1)
  const [, algorithm, bytes] = inside(encrypted)
  if (!algorithm || !bytes) throw wrong('the file is damaged.')
  return inside(single(await decrypted(algorithm, octets(bytes), password)))
}

function single(bytes: Buffer): Asn1 {
  try {
    const [value] = readValues(bytes)
    if (value?.tag === 0x30) return value
  } catch (error) {
    if (!StorageError.is(error)) throw error
  }
  // What a wrong key gives is no ASN.1.
  throw wrongPassword()
}

const isKey = (bag: Asn1): boolean => [ids.keyBag, ids.shroudedKeyBag].some((kind) => kind === objectId(at(bag, 0)))

async function keyOf(bag: Asn1, password: string): Promise<KeyObject> {
  const value = at(bag, 1, 0)
  const isOpen = objectId(at(bag, 0)) === ids.keyBag
  const bytes = isOpen ? value.whole : await decrypted(at(value, 0), octets(at(value, 1)), password)
  try {
    return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
  } catch (cause) {
    throw wrongPassword().with({ cause })
  }
}

function certificateOf(bag: Asn1): X509Certificate[] {
  if (objectId(at(bag, 0)) !== ids.certificateBag) return []
  return [new X509Certificate(octets(at(bag, 1, 0, 1, 0)))]
}

async function decrypted(algorithm: Asn1, bytes: Buffer, password: string): Promise<Buffer> {
  const kind = objectId(at(algorithm, 0))
  const { cipher, key, iv } =
    kind === ids.tripleDes
      ? old(at(algorithm, 1), password)
      : kind === ids.pbes2
        ? await modern(at(algorithm, 1), password)
        : none()
  const decipher = createDecipheriv(cipher, key, iv)
  try {
    return Buffer.concat([decipher.update(bytes), decipher.final()])
  } catch (cause) {
    throw wrongPassword().with({ cause })
  }
}

interface Secret {
  readonly cipher: string
  readonly key: Buffer
  readonly iv: Buffer
}

function none(): never {
  throw oldCipher()
}

function checkedRounds(rounds: number, most: number): number {
  if (rounds >= 1 && rounds <= most) return rounds
  throw wrong('the file is protected with more rounds than are sensible.')
}

/** PBES2 with PBKDF2: RFC 8018, sections 5.2 and 6.2. */
async function modern(parameters: Asn1, password: string): Promise<Secret> {
  const [salt, rounds, ...rest] = inside(at(parameters, 0, 1))
  const [cipher, keyLength] = ciphers[objectId(at(parameters, 1, 0))] ?? none()
  if (!salt || !rounds) throw wrong('the file is damaged.')
  // An optional length of the key comes before the optional digest.
  const named = rest.find(({ tag }) => tag === 0x30)
  const digest = named ? (digests[objectId(at(named, 0))] ?? none()) : 'sha1'
  const count = checkedRounds(integerOf(rounds), mostRounds.modern)
  const key = await promisify(pbkdf2)(password, octets(salt), count, keyLength, digest)
  return { cipher, key, iv: octets(at(parameters, 1, 1)) }
}

/** Triple DES with the derivation of RFC 7292, appendix B.2, which programs wrote for long. */
function old(parameters: Asn1, password: string): Secret {
  const salt = octets(at(parameters, 0))
  const rounds = checkedRounds(integerOf(at(parameters, 1)), mostRounds.old)
  const derive = (purpose: number, length: number): Buffer => derived(password, salt, { rounds, purpose, length })
  return { cipher: 'des-ede3-cbc', key: derive(1, 24), iv: derive(2, 8) }
}

/** The block of SHA-1, which this derivation is always used with. */
const block = 64

interface Derivation {
  readonly rounds: number
  /** 1: a key. 2: an initial vector. */
  readonly purpose: number
  readonly length: number
}

function derived(password: string, salt: Buffer, { rounds, purpose, length }: Derivation): Buffer {
  // UTF-16, big-endian, with a zero behind it.
  const secret = Buffer.from(`${password}\0`, 'utf16le').swap16()
  const given = Buffer.concat([repeatedToBlocks(salt), repeatedToBlocks(secret)])
  const parts: Buffer[] = []
  for (let size = 0; size < length; size += 20) {
    let hash = createHash('sha1').update(Buffer.alloc(block, purpose)).update(given).digest()
    for (let round = 1; round < rounds; round++) hash = createHash('sha1').update(hash).digest()
    parts.push(hash)
    addToBlocks(given, repeatedToBlocks(hash).subarray(0, block))
  }
  return Buffer.concat(parts).subarray(0, length)
}

function repeatedToBlocks(bytes: Buffer): Buffer {
  return bytes.length === 0 ? bytes : Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes)
}

/** Adds a number and one to each block, each a number in big-endian. */
function addToBlocks(bytes: Buffer, number: Buffer): void {
  for (let start = 0; start < bytes.length; start += block) {
    let carry = 1
    for (let place = block - 1; place >= 0; place--) {
      const sum = (bytes[start + place] ?? 0) + (number[place] ?? 0) + carry
      bytes[start + place] = sum & 0xff
      carry = sum >> 8
    }
  }
}
