// Stands in for curl where there is none: the few options that the README uses.
import { writeFileSync } from 'node:fs'

const args = process.argv.slice(2)
const headers = {}
let method = 'GET'
let target
let file
while (args.length > 0) {
  const arg = args.shift()
  if (arg === '-s' || arg === '-g') continue
  else if (arg === '-o') file = args.shift()
  else if (arg === '-X') method = args.shift()
  else if (arg === '-u') headers.authorization = `Basic ${Buffer.from(args.shift()).toString('base64')}`
  else if (arg === '-H') {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(args.shift())
    headers[name] = value
  } else target = arg
}
const response = await fetch(target, { method, headers })
const body = Buffer.from(await response.arrayBuffer())
if (file) writeFileSync(file, body)
else process.stdout.write(body)
