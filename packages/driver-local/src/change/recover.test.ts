import { parsePath, streamBytes } from '@filegate/core'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openLocalDriver } from '../driver.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { fateOf, processMark } from './process-mark.ts'
import { recoverChanges } from './recover.ts'

const module = fileURLToPath(new URL('../driver.ts', import.meta.url))
const large = 3 * 1024 * 1024

function stage() {
  const base = temporaryFolder()
  const [folder, notes] = [join(base, 'served'), join(base, 'notes')]
  mkdirSync(folder)
  return { folder, notes }
}

type Place = ReturnType<typeof stage>

/** Runs `program` in another process, which is killed once the disk shows that it is in the middle: its body never ends. */
async function killedInTheMiddle(
  { folder, notes }: Place,
  program: string,
  isInTheMiddle: () => boolean,
): Promise<void> {
  const code = `
    import { parsePath } from '@filegate/core'
    import { openLocalDriver } from ${JSON.stringify(module)}
    const driver = openLocalDriver({ root: ${JSON.stringify(folder)}, followsSymlinks: false, changes: { notes: ${JSON.stringify(notes)} } })
    let given = 0
    const body = new ReadableStream({
      async pull(controller) {
        if (given++ < 4) return controller.enqueue(Buffer.alloc(300_000, 'new'))
        await new Promise(() => setInterval(() => {}, 1000))
      },
    }, { highWaterMark: 0 })
    ${program}
  `
  const child = spawn(process.execPath, ['--conditions=@filegate/source', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  })
  const gone = once(child, 'exit')
  try {
    await expect.poll(isInTheMiddle, { timeout: 25_000 }).toBe(true)
  } finally {
    child.kill('SIGKILL')
    await gone
  }
}

/** A process whose end its parent never takes notice of: it stands still once it has begun it. */
async function unburied(): Promise<{ readonly pid: number; readonly free: () => void }> {
  const code = `
    const { pid } = require('node:child_process').spawn('sleep', ['1000'])
    require('node:fs').writeSync(1, String(pid))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000_000)
  `
  const parent = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const [text] = await once(parent.stdout, 'data')
  return { pid: Number(text), free: () => parent.pid && process.kill(-parent.pid, 'SIGKILL') }
}

describe('after a process was killed', () => {
  it('what it had of an upload is removed, and the old file is there', async () => {
    const place = stage()
    writeFileSync(join(place.folder, 'file.bin'), 'old')
    const names = (): string[] => readdirSync(place.folder)
    const hasBytes = (name: string): boolean => name !== 'file.bin' && statSync(join(place.folder, name)).size > 0
    await killedInTheMiddle(place, "await driver.write(parsePath('file.bin'), { body })", () => names().some(hasBytes))
    expect(names()).toHaveLength(2)
    const driver = openLocalDriver({ root: place.folder, followsSymlinks: false })
    expect((await driver.list(parsePath(''))).items.map(({ name }) => name)).toEqual(['file.bin'])
    expect(await recoverChanges(place.notes)).toEqual([])
    expect(names()).toEqual(['file.bin'])
    expect(readFileSync(join(place.folder, 'file.bin'), 'utf8')).toBe('old')
    expect(readdirSync(place.notes)).toEqual([])
  })

  it('a large file that it was changing gets back what it held', async () => {
    for (const change of ['driver.append(path, { body })', 'driver.writeRange(path, { body, start: 1000 })']) {
      const place = stage()
      const old = Buffer.alloc(large, 'old')
      writeFileSync(join(place.folder, 'file.bin'), old)
      const isAsBefore = (): boolean => readFileSync(join(place.folder, 'file.bin')).equals(old)
      await killedInTheMiddle(place, `const path = parsePath('file.bin'); await ${change}`, () => !isAsBefore())
      expect(isAsBefore(), change).toBe(false)
      expect(await recoverChanges(place.notes)).toEqual([])
      expect(isAsBefore(), change).toBe(true)
      expect(readdirSync(place.notes)).toEqual([])
    }
  })

  it('a folder that it had moved aside comes back, unless another has taken its place', async () => {
    const { folder, notes } = stage()
    mkdirSync(notes)
    const aside = '.filegate-0123456789abcdef.part'
    const note = (original: string): string => `${JSON.stringify({ kind: 'restore', folder, name: aside, original })}\n`
    for (const taken of [false, true]) {
      mkdirSync(join(folder, aside))
      writeFileSync(join(folder, aside, 'a.txt'), 'a')
      if (taken) mkdirSync(join(folder, 'taken'))
      writeFileSync(join(notes, '1-0-dead.notes'), note(taken ? 'taken' : 'original'))
      expect(await recoverChanges(notes)).toEqual([])
    }
    expect(readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()).toEqual([
      'original',
      'original/a.txt',
      'taken',
    ])
  })

  it('nothing is removed that has not the name of something incomplete', async () => {
    const { folder, notes } = stage()
    mkdirSync(notes)
    writeFileSync(join(folder, 'precious.txt'), 'x')
    writeFileSync(
      join(notes, '1-0-dead.notes'),
      `${JSON.stringify({ kind: 'remove', folder, name: 'precious.txt' })}\n`,
    )
    await recoverChanges(notes)
    expect(existsSync(join(folder, 'precious.txt'))).toBe(true)
  })

  it('what another program has added to since is left alone, and said', async () => {
    const { folder, notes } = stage()
    const driver = openLocalDriver({ root: folder, followsSymlinks: false })
    const body = streamBytes(Buffer.alloc(100, 'x'))
    const { posix } = await driver.write(parsePath('log.txt'), { body })
    mkdirSync(notes)
    const undo = { kind: 'undo', folder, name: 'log.txt', start: 50, size: 50, intended: 60, modified: 0 }
    const inode = `${posix?.device}:${posix?.inode}`
    writeFileSync(join(notes, '1-0-dead.notes'), `${JSON.stringify({ ...undo, inode })}\n`)
    expect(await recoverChanges(notes)).toHaveLength(1)
    expect(readFileSync(join(folder, 'log.txt'))).toHaveLength(100)
  })

  it.runIf(process.platform === 'linux')(
    'what it had begun is removed before anybody took notice of its end',
    async () => {
      const { folder, notes } = stage()
      mkdirSync(notes)
      const { pid, free } = await unburied()
      try {
        const name = '.filegate-0123456789abcdef.part'
        writeFileSync(join(folder, name), 'half')
        const mark = processMark(pid)
        writeFileSync(join(notes, `${mark}-abcd.notes`), `${JSON.stringify({ kind: 'remove', folder, name })}\n`)
        expect(fateOf(mark)).toBe('alive')
        process.kill(pid, 'SIGKILL')
        expect(await recoverChanges(notes)).toEqual([])
        expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(' Z ')
        expect(readdirSync(folder)).toEqual([])
      } finally {
        free()
      }
    },
  )

  it('what a living process is at is left alone', async () => {
    const { folder, notes } = stage()
    mkdirSync(notes)
    const name = '.filegate-0123456789abcdef.part'
    writeFileSync(join(folder, name), 'half')
    const file = join(notes, `${processMark(process.pid)}-abcd.notes`)
    writeFileSync(file, `${JSON.stringify({ kind: 'remove', folder, name })}\n`)
    await recoverChanges(notes)
    expect([existsSync(join(folder, name)), existsSync(file)]).toEqual([true, true])
    expect(fateOf(`${process.pid}-1`)).toBe(process.platform === 'linux' ? 'gone' : 'alive')
  })
})
