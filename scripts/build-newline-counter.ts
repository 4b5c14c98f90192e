/** Assembles `newlines.wat` of the server into the module that carries its bytes. Run it after changing the former. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const server = fileURLToPath(new URL('../packages/server', import.meta.url))
const text = join(server, 'src/text')
const folder = mkdtempSync(join(tmpdir(), 'newline-counter-'))
try {
  const binary = join(folder, 'newlines.wasm')
  execFileSync(process.execPath, [
    join(server, 'node_modules/wabt/bin/wat2wasm'),
    join(text, 'newlines.wat'),
    '-o',
    binary,
  ])
  const encoded = readFileSync(binary).toString('base64')
  const lines = encoded.match(/.{1,100}/g)?.map((line) => `  '${line}'`) ?? []
  writeFileSync(
    join(text, 'newlines-binary.ts'),
    `/** The assembled \`newlines.wat\`, in base64. Written by \`scripts/build-newline-counter.ts\`. */
// biome-ignore format: generated
export const newlinesBinary =
${lines.join(' +\n')}
`,
  )
} finally {
  rmSync(folder, { recursive: true })
}
