// Stands in for curl where there is none: the few options that the README uses.
import { writeFileSync } from 'node:fs'

const args = process.argv.slice(2)
const headers = {}
let method
let target
let file
let body
while (args.length > 0) {
  const arg = args.shift()
  if (arg === '-s' || arg === '-g') continue
  else if (arg === '-d') body = args.shift()
  else if (arg === '-o') file = args.shift()
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
else process.stdout.write(answer)
