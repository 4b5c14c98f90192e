// Downloads one URL and throws the bytes away inside the kernel (recv with MSG_TRUNC, Linux), so that the server and not
// the client is measured. Prints megabytes a second. Every ordinary client is slower than a server with sendfile.
import { createRequire } from 'node:module'

const require = createRequire(new URL('../packages/server/package.json', import.meta.url))
const koffi = require('koffi')
const libc = koffi.load('libc.so.6')
const socket = libc.func('int socket(int, int, int)')
const connect = libc.func('int connect(int, void *, int)')
const send = libc.func('int64_t send(int, void *, size_t, int)')
const receive = libc.func('int64_t recv(int, void *, size_t, int)')

const truncate = 0x20
const url = new URL(process.argv[2] ?? '')
const address = Buffer.alloc(16)
address.writeUInt16LE(2, 0)
address.writeUInt16BE(Number(url.port), 2)
Buffer.from([127, 0, 0, 1]).copy(address, 4)

const descriptor = socket(2, 1, 0)
if (connect(descriptor, address, 16) !== 0) throw new Error('cannot connect')
const request = Buffer.from(
  `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`,
)
const start = performance.now()
send(descriptor, request, request.length, 0)

const head = Buffer.alloc(64 * 1024)
const first = Number(receive(descriptor, head, 1024, 0))
const text = head.toString('latin1', 0, first)
if (!text.startsWith('HTTP/1.1 200')) throw new Error(text.split('\r\n', 1)[0])
let total = first
for (;;) {
  const count = Number(receive(descriptor, null, 4 * 1024 * 1024, truncate))
  if (count < 0) throw new Error('the connection broke')
  if (count === 0) break
  total += count
}
const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
if (total < length) throw new Error(`${total} of ${length} bytes arrived`)
process.stdout.write(String(total / 1e6 / ((performance.now() - start) / 1000)))
