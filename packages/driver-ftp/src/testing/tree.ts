export interface FtpFile {
  readonly kind: 'file'
  bytes: Buffer
  modified: number
}

export interface FtpFolder {
  readonly kind: 'folder'
  readonly children: Map<string, FtpNode>
  modified: number
}

export interface FtpLink {
  readonly kind: 'link'
  readonly target: string
  modified: number
}

export type FtpNode = FtpFile | FtpFolder | FtpLink

const namesOf = (path: string): string[] => path.split('/').filter((name) => name !== '')

/** Files in memory, by absolute path. */
export class FtpTree {
  readonly top: FtpFolder = { kind: 'folder', children: new Map(), modified: Date.now() }

  /** What is there, links followed unless told otherwise. */
  find(path: string, follow = true): FtpNode | undefined {
    let node: FtpNode | undefined = this.top
    const names = namesOf(path)
    for (const [place, name] of names.entries()) {
      if (node?.kind !== 'folder') return undefined
      node = node.children.get(name)
      if (node?.kind === 'link' && (follow || place < names.length - 1)) node = this.find(node.target)
    }
    return node
  }

  /** The folder that a path lies in, and its name there. */
  place(path: string): { readonly folder: FtpFolder; readonly name: string } | undefined {
    const names = namesOf(path)
    const name = names.pop()
    const folder = this.find(names.join('/'))
    return folder?.kind === 'folder' && name !== undefined ? { folder, name } : undefined
  }

  put(path: string, node: FtpNode): boolean {
    const place = this.place(path)
    place?.folder.children.set(place.name, node)
    return place !== undefined
  }

  drop(path: string): void {
    const place = this.place(path)
    place?.folder.children.delete(place.name)
  }

  makeFolders(path: string): void {
    let at = ''
    for (const name of namesOf(path)) {
      at += `/${name}`
      if (!this.find(at)) this.put(at, { kind: 'folder', children: new Map(), modified: Date.now() })
    }
  }

  /** Seeds a file and the folders above it. */
  seed(path: string, bytes: Uint8Array, modified = Date.now()): void {
    this.makeFolders(path.split('/').slice(0, -1).join('/'))
    this.put(path, { kind: 'file', bytes: Buffer.from(bytes), modified })
  }
}
