/** Of the whole object, also when the answer holds a range of it. */
export function totalSize({
  contentLength,
  contentRange,
}: {
  readonly contentLength?: number | undefined
  readonly contentRange?: string | undefined
}): number | undefined {
  const total = /\/(\d+)\s*$/.exec(contentRange ?? '')?.[1]
  return total === undefined ? contentLength : Number(total)
}

/** Listings forget the quotes. */
export function quotedEtag(etag: string | undefined): string | undefined {
  const bare = etag?.replaceAll('"', '')
  return bare ? `"${bare}"` : undefined
}

export function hexOf(md5: Uint8Array | undefined): string | undefined {
  return md5?.length === 16 ? Buffer.from(md5).toString('hex') : undefined
}
