import type { FtpFolder, FtpNode, FtpTree } from './tree.ts'

const stamp = (time: number): string => new Date(time).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')

/** One line of MLSD or MLST. */
export function factsLine(node: FtpNode, name: string): string {
  const type = node.kind === 'file' ? 'file' : node.kind === 'folder' ? 'dir' : 'OS.unix=symlink'
  const size = node.kind === 'file' ? `size=${node.bytes.length};` : ''
  return `type=${type};${size}modify=${stamp(node.modified)}; ${name}`
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** One line as `ls -l` prints it, to the minute and without a year. */
export function longLine(node: FtpNode, name: string): string {
  const time = new Date(node.modified)
  const clock = time.toISOString().slice(11, 16)
  const date = `${months[time.getUTCMonth()]} ${String(time.getUTCDate()).padStart(2)} ${clock}`
  const mode = node.kind === 'file' ? '-rw-r--r--' : node.kind === 'folder' ? 'drwxr-xr-x' : 'lrwxrwxrwx'
  const size = String(node.kind === 'file' ? node.bytes.length : 4096).padStart(9)
  const shown = node.kind === 'link' ? `${name} -> ${node.target}` : name
  return `${mode}   1 ftp      ftp      ${size} ${date} ${shown}`
}

/** All of a folder. Hidden files only where they are asked for. */
export function linesOf(folder: FtpFolder, line: typeof longLine, hidden: boolean): string {
  return [...folder.children]
    .filter(([name]) => hidden || !name.startsWith('.'))
    .map(([name, node]) => `${line(node, name)}\r\n`)
    .join('')
}

export function folderAt(tree: FtpTree, path: string): FtpFolder | undefined {
  const node = tree.find(path)
  return node?.kind === 'folder' ? node : undefined
}
