import { joinPath, parsePath, type StoragePath } from '@filegate/core'
import type { Seed } from './harness.ts'

export interface AwkwardName {
  readonly name: string
  /** Completes 'a name with ...' */
  readonly label: string
}

/** Names that storages, or the code before them, tend to change, refuse or mix up. All stand in one folder. */
export const awkwardNames: readonly AwkwardName[] = [
  { name: 'family 👨‍👩‍👧 😀.txt', label: 'emoji' },
  { name: 'line\nbreak.txt', label: 'a newline' },
  { name: 'carriage\rreturn.txt', label: 'a carriage return' },
  { name: 'tab\tstop.txt', label: 'a tab' },
  { name: 'bell\u0007.txt', label: 'a control character' },
  { name: 'rubbed out\u007f.txt', label: 'a DEL character' },
  { name: 'a:b.txt', label: 'a colon' },
  { name: 'a\\b.txt', label: 'a backslash' },
  { name: 'back\\', label: 'a backslash at its end' },
  { name: '"double" \'single\' `back`.txt', label: 'quotation marks' },
  { name: '<less> |pipe| ?mark* .txt', label: 'characters that Windows forbids' },
  { name: '$dollar!;&{}[]()^=,@+.txt', label: 'characters that shells know' },
  { name: 'hash#fragment?query=1&x=y.txt', label: 'a fragment and a query' },
  { name: 'a%2Fb.txt', label: 'an escaped slash, literally' },
  { name: '%00.txt', label: 'an escaped NUL, literally' },
  { name: '100%.txt', label: 'a percent sign that escapes nothing' },
  { name: 'a+b c.txt', label: 'a plus sign and a space' },
  { name: 'ends with a dot.', label: 'a dot at its end' },
  { name: 'ends with a space ', label: 'a space at its end' },
  { name: ' begins with a space', label: 'a space at its start' },
  { name: '.hidden', label: 'a dot at its start' },
  { name: '...', label: 'dots only' },
  { name: '-rf', label: 'a dash at its start' },
  { name: '~home', label: 'a tilde at its start' },
  { name: 'CON', label: 'a device of old' },
  { name: 'cafe\u0301.txt', label: 'a combining accent' },
  { name: 'caf\u00e9.txt', label: 'the accented letter that looks the same' },
  { name: 'a：b.txt', label: 'the full-width twin of a colon' },
  { name: 'a／b.txt', label: 'the full-width twin of a slash' },
  { name: 'a＼b.txt', label: 'the full-width twin of a backslash' },
  { name: '．．', label: 'full-width dots only' },
  { name: 'line␊break.txt', label: 'the picture of a newline' },
  { name: 'ends with a picture␠', label: 'the picture of a space at its end' },
  { name: '‛', label: 'the quote of the name encoding only' },
  { name: 'a‛：b.txt', label: 'the quote before a full-width twin' },
  { name: 'שלום-مرحبا.txt', label: 'right-to-left letters' },
  { name: '漢字.txt', label: 'Chinese characters' },
  { name: '\ufeffmark.txt', label: 'a byte order mark at its start' },
  { name: '__proto__', label: 'a meaning in JavaScript' },
  { name: 'null', label: 'the text null' },
  { name: `${'n'.repeat(251)}.txt`, label: '255 letters' },
  { name: `${'é'.repeat(125)}x.txt`, label: '255 bytes in fewer letters' },
]

/** Around the borders of chunks and pages. */
export const sizes: readonly number[] = [0, 1, 65_535, 65_536, 65_537, 1_048_577]
export const largest = 1_048_577

/** So many bytes that never repeat with a period of a power of two, so that a wrong offset shows. */
export function sampleBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  for (let place = 0; place < size; place++) bytes[place] = (place * 31 + Math.floor(place / 251)) % 256
  return bytes
}

export const paths = {
  hello: parsePath('files/hello.txt'),
  empty: parsePath('files/empty.txt'),
  mixedCase: parsePath('files/MixedCase.txt'),
  files: parsePath('files'),
  sizes: parsePath('sizes'),
  nested: parsePath('nested'),
  deep: parsePath('deep'),
  deepest: parsePath(`deep/${Array.from({ length: 24 }, (_, level) => `level-${level + 1}`).join('/')}/leaf.txt`),
  crowd: parsePath('crowd'),
  names: parsePath('names'),
  folders: parsePath('folders'),
  emptyDirectory: parsePath('empty-directory'),
  missing: parsePath('files/no such file.txt'),
  belowFile: parsePath('files/hello.txt/below'),
} as const

export const helloText = 'Hello, world!\n'

export const sizedPath = (size: number): StoragePath => joinPath(paths.sizes, `${size}.bin`)

const file = (path: StoragePath, content: string | Uint8Array): Seed => ({
  kind: 'file',
  path,
  bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content,
})

/** Everything that the rules read. Each small file holds its own path, so that a mix-up shows. */
export function gallery(names: readonly AwkwardName[], siblings: number): readonly Seed[] {
  const nested = ['a.txt', 'b.txt', 'one/c.txt', 'one/two/d.txt', 'one/two/e.txt', 'one-2/f.txt', 'onemore/g.txt']
  const crowd = Array.from({ length: siblings }, (_, place) => `file-${String(place + 1).padStart(4, '0')}.txt`)
  const small = [
    ...nested.map((name) => parsePath(`${paths.nested}/${name}`)),
    ...crowd.map((name) => joinPath(paths.crowd, name)),
    ...names.map(({ name }) => joinPath(paths.names, name)),
    ...names.map(({ name }) => joinPath(joinPath(paths.folders, name), 'inside.txt')),
    paths.deepest,
    paths.mixedCase,
  ]
  return [
    file(paths.hello, helloText),
    file(paths.empty, ''),
    ...sizes.map((size) => file(sizedPath(size), sampleBytes(size))),
    ...small.map((path) => file(path, path)),
    { kind: 'directory', path: paths.emptyDirectory },
  ]
}
