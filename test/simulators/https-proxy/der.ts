/** One value of DER (X.690): tag, length, content. */
export function value(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255]
  return Buffer.concat([Buffer.of(tag, ...length), content])
}

export const sequence = (...parts: readonly Buffer[]): Buffer => value(0x30, ...parts)
export const set = (...parts: readonly Buffer[]): Buffer => value(0x31, ...parts)
export const integer = (bytes: Buffer): Buffer => value(0x02, bytes)
export const oid = (hexadecimal: string): Buffer => value(0x06, Buffer.from(hexadecimal, 'hex'))

/** UTCTime, so many days from now. */
export function time(days: number): Buffer {
  const moment = new Date(Date.now() + days * 86_400_000).toISOString()
  return value(0x17, Buffer.from(`${moment.slice(2, 19).replaceAll(/[-:T]/g, '')}Z`))
}

/** A certificate in PEM. */
export function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
