import { describe, expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'
import { flags } from './flags.ts'
import { takeFrom } from './given.ts'

const parse = (...args: readonly string[]) => takeFrom([parseCommandLine(args, '/here')])

describe('parseCommandLine', () => {
  test('reads short and long flags, values in all their forms, and the path anywhere', () => {
    const take = parse('-Ap8080', '--bind', '127.0.0.1,::1', 'folder', '--compress=high', '-b', '@name')
    expect(take(flags['allow-all'])).toBe(true)
    expect(take(flags.port)).toBe(8080)
    expect(take(flags.bind)).toEqual(['127.0.0.1', '::1', '@name'])
    expect(take(flags['serve-path'])).toBe('/here/folder')
    expect(take(flags.compress)).toBe('high')
  })

  test('takes a path that looks like a flag behind two dashes', () => {
    expect(parse('--', '-odd')(flags['serve-path'])).toBe('/here/-odd')
  })

  test('lets the last one of a flag win that is given twice', () => {
    expect(parse('-p', '1', '-p', '2')(flags.port)).toBe(2)
    expect(parse('--allow-hash', '--no-allow-hash')(flags['allow-hash'])).toBe(false)
  })

  test('switches off with no- and with =false', () => {
    expect(parse('--no-allow-grep')(flags['allow-grep'])).toBe(false)
    expect(parse('--allow-grep=false')(flags['allow-grep'])).toBe(false)
    expect(parse('--no-sendfile')(flags.sendfile)).toBe(false)
  })

  test('leaves unsaid what was not said', () => {
    expect(parse()(flags.port)).toBeUndefined()
  })

  test('keeps an empty log format, which means something', () => {
    expect(parse('--log-format', '')(flags['log-format'])).toBe('')
  })

  test.each([
    [['--prot', '1'], 'there is no flag --prot, did you mean --port? (--help lists all)'],
    [['--zzzzzz'], 'there is no flag --zzzzzz (--help lists all)'],
    [['-x'], 'there is no flag -x (--help lists all)'],
    [['--serve-path', 'x'], 'there is no flag --serve-path'],
    [['--no-port'], 'there is no flag --no-port'],
    [['--no-help'], 'there is no flag --no-help'],
    [['--port'], '--port needs a value: --port=<port>'],
    [['-p', '--allow-all'], "-p needs a value; one that starts with '-' is written -p=<port>"],
    [['--no-sendfile=1'], '--no-sendfile takes no value'],
    [['a', 'b'], "only one path can be served, and 'b' is another one"],
  ])('refuses %j', (args, message) => {
    expect(() => parse(...args)).toThrow(message)
  })

  test.each([
    [['-p', 'http'], flags.port, '-p: takes a whole number from 0 to 65535, not "http"'],
    [['--port=65536'], flags.port, '--port: takes a whole number from 0 to 65535'],
    [['--port='], flags.port, '--port: takes a whole number'],
    [['--workers', '0'], flags.workers, '--workers: takes a whole number from 1 to 256'],
    [['--compress', 'max'], flags.compress, '--compress: takes one of none, low, medium, high, not "max"'],
    [['--allow-all=maybe'], flags['allow-all'], '--allow-all: takes true or false, not "maybe"'],
    [['--assets='], flags.assets, '--assets: takes a path'],
  ])('says what %j should have been', (args, flag, message) => {
    const take = parse(...args)
    expect(() => take<unknown>(flag)).toThrow(message)
  })
})
