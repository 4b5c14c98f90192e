/** Names of the detector for what browsers, and so `TextDecoder`, know by another. */
const browserNames: Readonly<Record<string, string>> = { CP932: 'shift_jis', CP949: 'euc-kr', 'EUC-JIS-2004': 'euc-jp' }

const fallback = 'windows-1252'
/** Bytes looked at: more make it slower and hardly surer. */
const sampleSize = 8192

/**
 * The character set of text that is neither UTF-8 nor marked, guessed by its statistics; a label that `TextDecoder`
 * takes. Loading the detector takes a tenth of a second, so that is left to the first call.
 */
export async function detectCharset(bytes: Uint8Array): Promise<string> {
  const { detect } = await import('jschardet')
  // Plain ASCII in front tells nothing.
  const first = bytes.findIndex((byte) => byte >= 0x80)
  const start = Math.max(0, first - 64)
  const { encoding } = detect(bytes.subarray(start, start + sampleSize))
  if (encoding === null) return fallback
  const label = browserNames[encoding] ?? encoding
  return canDecode(label) ? label : fallback
}

/** UTF-8 is not an answer: these bytes are known not to be. */
function canDecode(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== 'utf-8'
  } catch {
    return false
  }
}
