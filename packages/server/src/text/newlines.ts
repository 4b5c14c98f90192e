import { newlinesBinary } from './newlines-binary.ts'

/** What we use of WebAssembly; its types come with those of the browser, which a server does not want. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
      readonly count: (start: number, end: number) => number
    }
  }
}

export const newline = 0x0a
const pageSize = 65_536

/** Counts newlines in a buffer of its own: whoever has bytes reads or copies them into that first. */
export interface NewlineCounter {
  readonly buffer: Buffer
  /** Newlines in the bytes from `start` to before `end`. */
  count(start: number, end: number): number
  /** The offset behind the `ordinal`th newline, counted from 1, of those bytes. They must have so many. */
  after(start: number, end: number, ordinal: number): number
}

let compiled: object | undefined

/** `capacity`: bytes of the buffer, rounded up to whole pages of 64 KiB. */
export function createNewlineCounter(capacity: number): NewlineCounter {
  compiled ??= new WebAssembly.Module(Buffer.from(newlinesBinary, 'base64'))
  const { memory, count } = new WebAssembly.Instance(compiled).exports
  memory.grow(Math.max(0, Math.ceil(capacity / pageSize) - 1))
  const buffer = Buffer.from(memory.buffer)
  return { buffer, count, after: (start, end, ordinal) => offsetAfter({ buffer, count }, start, end, ordinal) }
}

/** Below this, looking for each newline is faster than halving further. */
const smallEnough = 1024

function offsetAfter(
  { buffer, count }: Pick<NewlineCounter, 'buffer' | 'count'>,
  from: number,
  to: number,
  ordinal: number,
): number {
  let [start, end, left] = [from, to, ordinal]
  while (end - start > smallEnough) {
    const middle = start + Math.floor((end - start) / 2)
    const before = count(start, middle)
    if (before >= left) end = middle
    else {
      left -= before
      start = middle
    }
  }
  for (; left > 0; left--) start = buffer.indexOf(newline, start) + 1
  return start
}

let shared: NewlineCounter | undefined

/**
 * The one counter of this thread, for work that fills it and has its answer before anything else can run. Its buffer
 * holds a megabyte.
 */
export function sharedNewlineCounter(): NewlineCounter {
  shared ??= createNewlineCounter(1024 * 1024)
  return shared
}
