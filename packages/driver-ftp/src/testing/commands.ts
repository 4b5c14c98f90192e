import type { FtpConnection } from './connection.ts'
import { factsLine, folderAt, linesOf, longLine } from './listing.ts'
import { receive, send } from './data-commands.ts'

export type Command = (connection: FtpConnection, argument: string) => Promise<void>

const parseStamp = (text: string): number => {
  const [year, month, day, hour, minute, second] = (text.match(/^(\d{4})|\d\d/g) ?? []).map(Number)
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second)
}

const stampOf = (time: number): string => new Date(time).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')

const missing = (connection: FtpConnection): Promise<void> => connection.reply(550, 'No such file or directory')

const loginCommands: Readonly<Record<string, Command>> = {
  async USER(connection, user) {
    const { tls } = connection.state.manners
    if (tls !== 'none' && !connection.isSecure) return connection.reply(530, 'TLS is required')
    connection.user = user
    await connection.reply(331, 'Password required')
  },
  async PASS(connection, password) {
    connection.loggedIn = connection.user === 'u' && password === 'pw'
    await connection.reply(connection.loggedIn ? 230 : 530, connection.loggedIn ? 'Logged in' : 'Login incorrect.')
  },
  async AUTH(connection, kind) {
    if (connection.state.manners.tls !== 'explicit' || kind !== 'TLS') return connection.reply(502, 'Not implemented')
    await connection.reply(234, 'Proceed')
    connection.encrypt()
  },
  PBSZ: (connection) => connection.reply(connection.isSecure ? 200 : 503, 'PBSZ'),
  async PROT(connection, level) {
    connection.protected = level === 'P'
    await connection.reply(connection.isSecure ? 200 : 503, 'PROT')
  },
  async FEAT(connection) {
    const { facts, rest, size, charset } = connection.state.manners
    const features = [
      'MDTM',
      ...(facts ? ['MLST type*;size*;modify*;', 'MFMT'] : []),
      ...(rest ? ['REST STREAM'] : []),
      ...(size ? ['SIZE'] : []),
      ...(charset === 'utf8' ? ['UTF8'] : []),
    ]
    connection.socket.write(`211-Features:\r\n${features.map((name) => ` ${name}\r\n`).join('')}211 End\r\n`)
  },
  OPTS: (connection) => connection.reply(200, 'OK'),
  TYPE: (connection, type) => connection.reply(type === 'I' ? 200 : 504, 'TYPE'),
  NOOP: (connection) => connection.reply(200, 'OK'),
  async QUIT(connection) {
    await connection.reply(221, 'Goodbye')
    connection.socket.end()
  },
}

const pathCommands: Readonly<Record<string, Command>> = {
  PWD: (connection) => connection.reply(257, `"${connection.folder.replaceAll('"', '""')}" is the current directory`),
  async CWD(connection, path) {
    const at = connection.absolute(path)
    if (!folderAt(connection.state.tree, at)) return missing(connection)
    connection.folder = at
    await connection.reply(250, 'OK')
  },
  async SIZE(connection, path) {
    if (!connection.state.manners.size) return connection.reply(502, 'Not implemented')
    const node = connection.state.tree.find(connection.absolute(path))
    if (node?.kind === 'file') return connection.reply(213, String(node.bytes.length))
    await connection.reply(550, 'Not a plain file')
  },
  async MDTM(connection, argument) {
    const { tree, manners } = connection.state
    const [, stamp = '', rest] = /^(\d{14}) (.+)$/.exec(argument) ?? []
    const node = tree.find(connection.absolute(rest ?? argument))
    if (node?.kind !== 'file') return missing(connection)
    // Setting times with it is what servers without MFMT do.
    if (rest !== undefined && !manners.facts) node.modified = parseStamp(stamp)
    await connection.reply(213, stampOf(node.modified))
  },
  async MFMT(connection, argument) {
    const [, stamp = '', path = ''] = /^(\d{14}) (.+)$/.exec(argument) ?? []
    const node = connection.state.tree.find(connection.absolute(path))
    if (!node || !connection.state.manners.facts) return missing(connection)
    node.modified = parseStamp(stamp)
    await connection.reply(213, `Modify=${stamp}; ${path}`)
  },
  async MLST(connection, path) {
    if (!connection.state.manners.facts) return connection.reply(502, 'Not implemented')
    const at = connection.absolute(path)
    const node = connection.state.tree.find(at, false)
    if (!node) return missing(connection)
    const { charset } = connection.state.manners
    connection.socket.write(Buffer.from(`250-Listing ${at}\r\n ${factsLine(node, at)}\r\n250 End\r\n`, charset))
  },
  async MKD(connection, path) {
    const { tree } = connection.state
    const at = connection.absolute(path)
    if (tree.find(at)) return connection.reply(550, `${path}: File exists`)
    const made = tree.put(at, { kind: 'folder', children: new Map(), modified: Date.now() })
    await (made ? connection.reply(257, `"${at.replaceAll('"', '""')}" created`) : missing(connection))
  },
  async RMD(connection, path) {
    const at = connection.absolute(path)
    const folder = folderAt(connection.state.tree, at)
    if (!folder) return missing(connection)
    if (folder.children.size > 0) return connection.reply(550, 'Directory not empty')
    connection.state.tree.drop(at)
    await connection.reply(250, 'OK')
  },
  async DELE(connection, path) {
    const at = connection.absolute(path)
    const node = connection.state.tree.find(at, false)
    if (!node || node.kind === 'folder') return missing(connection)
    connection.state.tree.drop(at)
    await connection.reply(250, 'OK')
  },
  async RNFR(connection, path) {
    const at = connection.absolute(path)
    if (!connection.state.tree.find(at, false)) return missing(connection)
    connection.renaming = at
    await connection.reply(350, 'Ready for RNTO')
  },
  async RNTO(connection, path) {
    const { tree } = connection.state
    const from = connection.renaming
    const node = from === undefined ? undefined : tree.find(from, false)
    if (from === undefined || !node) return connection.reply(503, 'RNFR first')
    connection.renaming = undefined
    const at = connection.absolute(path)
    if (tree.find(at)?.kind === 'folder') return connection.reply(550, 'Is a directory')
    if (!tree.put(at, node)) return missing(connection)
    tree.drop(from)
    await connection.reply(250, 'OK')
  },
}

const dataCommands: Readonly<Record<string, Command>> = {
  async PASV(connection) {
    const port = await connection.passive.open()
    const host = connection.state.manners.passiveAddress.replaceAll('.', ',')
    await connection.reply(227, `Entering Passive Mode (${host},${port >> 8},${port & 255}).`)
  },
  async EPSV(connection) {
    if (!connection.state.manners.epsv) return connection.reply(500, 'Unknown command')
    await connection.reply(229, `Entering Extended Passive Mode (|||${await connection.passive.open()}|)`)
  },
  async REST(connection, offset) {
    if (!connection.state.manners.rest) return connection.reply(502, 'Not implemented')
    connection.restart = Number(offset)
    await connection.reply(350, 'Restarting')
  },
  async RETR(connection, path) {
    const node = connection.state.tree.find(connection.absolute(path))
    if (node?.kind !== 'file') return missing(connection)
    const start = connection.restart
    connection.state.requests.push({ offset: start })
    await send(connection, node.bytes.subarray(start), { isFile: true })
  },
  async STOR(connection, path) {
    const at = connection.absolute(path)
    const old = connection.state.tree.find(at)
    const place = connection.state.tree.place(at)
    if (old?.kind === 'folder' || !place) return connection.reply(553, 'Could not create file.')
    await receive(connection, at)
  },
  async MLSD(connection, path) {
    if (!connection.state.manners.facts) return connection.reply(502, 'Not implemented')
    const folder = folderAt(connection.state.tree, connection.absolute(path))
    if (!folder) return connection.reply(550, 'Not a directory')
    const own = factsLine(folder, '.').replace('type=dir', 'type=cdir')
    await send(connection, encoded(connection, `${own}\r\n${linesOf(folder, factsLine, true)}`))
  },
  async LIST(connection, argument) {
    const folder = folderAt(connection.state.tree, connection.folder)
    if (!folder) return missing(connection)
    if (argument !== '' && argument !== '-a') return connection.reply(501, 'LIST takes no names here')
    const lines = `total 1\r\n${linesOf(folder, longLine, argument === '-a')}`
    await send(connection, encoded(connection, lines))
  },
}

const encoded = (connection: FtpConnection, text: string): Buffer => Buffer.from(text, connection.state.manners.charset)

export const commands: Readonly<Record<string, Command>> = { ...loginCommands, ...pathCommands, ...dataCommands }
