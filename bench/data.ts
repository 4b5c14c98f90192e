import { closeSync, existsSync, mkdirSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deterministicBytes, words } from './noise.ts'

/** Where the measured files are kept between runs; about 7 GB. Delete it to free the space. */
export const dataFolder = process.env['FILEGATE_BENCH_DATA'] ?? join(tmpdir(), 'filegate-bench-data')

/** Makes a folder once; a half-made one from a run that was stopped is made again. */
function once(name: string, make: (folder: string) => void): string {
  const folder = join(dataFolder, name)
  const done = join(dataFolder, `.${name}.done`)
  if (!existsSync(done)) {
    process.stderr.write(`making ${folder}\n`)
    mkdirSync(folder, { recursive: true })
    make(folder)
    writeFileSync(done, '')
  }
  return folder
}

export const smallFiles = (): string =>
  once('small', (folder) => {
    writeFileSync(join(folder, 'k1.txt'), deterministicBytes(1024).toString('base64').slice(0, 1024))
    writeFileSync(join(folder, 'k16.bin'), deterministicBytes(16 * 1024))
    writeFileSync(join(folder, 'm1.bin'), deterministicBytes(1024 * 1024))
  })

export const largeFile = (): string =>
  once('large', (folder) => fill(join(folder, 'g2.bin'), 2 * 1024 ** 3, deterministicBytes(1024 * 1024)))

/** 50,000 entries in one folder. */
export const wideFolder = (): string =>
  once('wide', (folder) => {
    for (let index = 0; index < 50_000; index++)
      writeFileSync(join(folder, `file-${index}.txt`), 'x'.repeat(index % 100))
  })

/** 100,000 files of text in 1,000 folders; one in 5,000 holds the rare word. */
export const manyFiles = (): string =>
  once('many', (folder) => {
    for (let directory = 0; directory < 1000; directory++) {
      const path = join(folder, `part-${directory % 10}`, `dir-${directory}`)
      mkdirSync(path, { recursive: true })
      for (let index = 0; index < 100; index++) {
        const number = directory * 100 + index
        const rare = number % 5000 === 0 ? 'a veryRareNeedle here\n' : ''
        const text = `export function common${number}() {\n${words(number, 1500 + (number % 40) * 150)}\n${rare}}\n`
        writeFileSync(join(path, `file-${index}.${number % 3 ? 'js' : 'd.ts'}`), text)
      }
    }
  })

/** 4 GiB of lines of 54 bytes. */
export const longLog = (): string =>
  once('log', (folder) => {
    const lines = Array.from(
      { length: 20_000 },
      (_, index) => `2026-01-01T00:00:00Z host service[${index % 97}]: line ${index}`,
    )
    fill(
      join(folder, 'long.log'),
      4 * 1024 ** 3,
      Buffer.from(`${lines.map((line) => line.slice(0, 53).padEnd(53)).join('\n')}\n`),
    )
  })

/** 20,000 small files, as a source tree has them. */
export const sourceTree = (): string =>
  once('source', (folder) => {
    for (let index = 0; index < 20_000; index++) {
      const path = join(folder, `dir-${index % 400}`)
      mkdirSync(path, { recursive: true })
      writeFileSync(join(path, `file-${index}.js`), words(index, 500 + (index % 80) * 100))
    }
  })

function fill(path: string, size: number, block: Buffer): void {
  if (existsSync(path) && statSync(path).size === size) return
  const descriptor = openSync(path, 'w')
  for (let written = 0; written < size; ) {
    written += writeSync(descriptor, block, 0, Math.min(block.length, size - written))
  }
  closeSync(descriptor)
}
