import { broken } from '../archive.ts'

export type PaxRecords = ReadonlyMap<string, string>

/** Records of the form `length keyword=value\n`, the length counting itself (POSIX.1-2017, pax). */
export function parsePax(bytes: Uint8Array): PaxRecords {
  const records = new Map<string, string>()
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at)
    const digits = space === -1 ? '' : data.toString('latin1', at, Math.min(space, at + 12))
    const end = at + (/^\d+$/.test(digits) ? Number(digits) : 0)
    const equals = data.indexOf(0x3d, space)
    if (end > data.length || equals === -1 || equals >= end || data[end - 1] !== 0x0a) {
      throw broken('an extended header makes no sense')
    }
    records.set(data.toString('utf8', space + 1, equals), data.toString('utf8', equals + 1, end - 1))
    at = end
  }
  return records
}
