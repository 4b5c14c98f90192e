// Stands in for curl where there is none: the few options that the README uses.
import { readFileSync, writeFileSync } from 'node:fs'

const args = process.argv.slice(2)
const headers = {}
let method
let target
let file
let body
let shows
let last = ''
while (args.length > 0) {
  const arg = args.shift()
  if (arg === '-s' || arg === '-g') continue
  else if (arg === '-d') body = args.shift()
  else if (arg === '-o') file = args.shift()
  else if (arg === '-i') shows = true
  else if (arg === '-I') [shows, method] = [true, 'HEAD']
  else if (arg === '-w') last = args.shift()
  else if (arg === '-T') [method, body] = ['PUT', readFileSync(args.shift())]
  else if (arg === '-X') method = args.shift()
  else if (arg === '-u') headers.authorization = `Basic ${Buffer.from(args.shift()).toString('base64')}`
  else if (arg === '-H') {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(args.shift())
    headers[name] = value
  } else target = arg
}
const response = await fetch(target, { method: method ?? (body === undefined ? 'GET' : 'POST'), headers, body })
const answer = Buffer.from(await response.arrayBuffer())
if (file) writeFileSync(file, answer)
else {
  const lines = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`)
  if (shows) process.stdout.write(`HTTP/1.1 ${response.status}\r\n${lines.join('')}\r\n`)
  process.stdout.write(answer)
  process.stdout.write(last.replace('%{http_code}', response.status))
}
