import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfigFile } from './config-file.ts'
import { flags } from './flags.ts'
import { takeFrom } from './given.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'filegate-config-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function write(text: string): string {
  const file = join(folder, 'filegate.yaml')
  writeFileSync(file, text)
  return file
}

describe('readConfigFile', () => {
  test('reads values of every kind, with paths from where the file is', async () => {
    const file = write(`
serve-path: files
port: 8080
bind: [127.0.0.1, ./my.sock]
hidden: .git,*.tmp
auth:
  - ann:secret@/:rw
  - "@/public"
allow-all: true
allow-delete: no
log-format: ''
tls-cert: ~/cert.pem
`)
    const take = takeFrom([await readConfigFile(file)])
    expect(take(flags['serve-path'])).toBe(join(folder, 'files'))
    expect(take(flags.port)).toBe(8080)
    expect(take(flags.bind)).toEqual(['127.0.0.1', './my.sock'])
    expect(take(flags.hidden)).toEqual(['.git', '*.tmp'])
    expect(take(flags.auth)).toEqual(['ann:secret@/:rw', '@/public'])
    expect(take(flags['allow-all'])).toBe(true)
    expect(take(flags['allow-delete'])).toBe(false)
    expect(take(flags['log-format'])).toBe('')
    expect(take(flags['tls-cert'])).toBe(join(homedir(), 'cert.pem'))
  })

  test('takes an empty file, and keys without a value, as saying nothing', async () => {
    expect((await readConfigFile(write(''))).size).toBe(0)
    expect((await readConfigFile(write('# nothing\nport:\n'))).size).toBe(0)
  })

  test.each([
    ['prot: 1', "there is no setting 'prot', did you mean 'port'?"],
    ['path_prefix: /x', "there is no setting 'path_prefix', did you mean 'path-prefix'?"],
    ['help: true', "there is no setting 'help'"],
    ['config: other.yaml', "there is no setting 'config'"],
    ['- a\n- b', "expected 'key: value' lines"],
    ['just text', "expected 'key: value' lines"],
    ['port: [1', 'at line 1'],
    ['port: 1\nport: 2', 'Map keys must be unique'],
  ])('refuses %j in one line that names the file', async (text, message) => {
    const file = write(text)
    const problem = await readConfigFile(file).then(
      () => '',
      (error: Error) => error.message,
    )
    expect(problem).toContain(message)
    expect(problem).toContain(file)
    expect(problem).not.toContain('\n')
  })

  test('names the key of a wrong value', async () => {
    const file = write('port: many')
    const take = takeFrom([await readConfigFile(file)])
    expect(() => take(flags.port)).toThrow(`'port' in ${file}: takes a whole number from 0 to 65535, not "many"`)
  })

  test('never repeats a rule of --auth', async () => {
    const take = takeFrom([await readConfigFile(write('auth: { user: ann, password: secret }'))])
    expect(() => take(flags.auth)).toThrow('takes a rule such as')
    expect(() => take(flags.auth)).not.toThrow(/secret/)
  })

  test('says that a file is missing', async () => {
    await expect(readConfigFile(join(folder, 'none.yaml'))).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('the config file cannot be read'),
    })
  })
})
