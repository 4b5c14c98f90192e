const slash = Buffer.from('/')

/** Where an entry is in a folder, by its name as it is on disk. */
export function childOf(folder: string | Buffer, name: string | Buffer): string | Buffer {
  if (typeof folder === 'string' && typeof name === 'string') return folder === '/' ? `/${name}` : `${folder}/${name}`
  return Buffer.concat([Buffer.from(folder), slash, Buffer.from(name)])
}
