/** The bytes of one file: all of them zero until written, kept only where written. Any size up to 4 TiB costs nothing. */
export interface Content {
  readonly size: number
  resize(size: number): void
  write(offset: number, bytes: Buffer): void
  /** Zeros from `start` to before `end`. */
  clear(start: number, end: number): void
  read(start: number, end: number): Buffer
  /** What has been written, from and to (inclusive), in order. */
  ranges(): readonly (readonly [start: number, last: number])[]
  copy(): Content
}

const pageSize = 65_536
// The service accounts for what is written in units of 512 bytes.
const unit = 512

export function createContent(initialSize: number): Content {
  return contentOf(initialSize, new Map(), [])
}

function contentOf(
  initialSize: number,
  pages: Map<number, Buffer>,
  initial: readonly (readonly [number, number])[],
): Content {
  let size = initialSize
  /** Written units, from and to before, ascending, never touching each other. */
  let written = initial

  function fill(start: number, end: number, each: (page: Buffer, from: number, to: number, at: number) => void): void {
    for (let at = start; at < end; ) {
      const number = Math.floor(at / pageSize)
      const from = at - number * pageSize
      const to = Math.min(pageSize, from + end - at)
      const page = pages.get(number) ?? Buffer.alloc(pageSize)
      pages.set(number, page)
      each(page, from, to, at)
      at += to - from
    }
  }

  const mark = (start: number, end: number): void => {
    const touching = written.filter(([from, to]) => to >= start && from <= end)
    const others = written.filter(([from, to]) => to < start || from > end)
    const from = Math.min(start, ...touching.map(([first]) => first))
    const to = Math.max(end, ...touching.map(([, after]) => after))
    written = [...others, [from, to] as const].sort(([a], [b]) => a - b)
  }

  const unmark = (start: number, end: number): void => {
    written = written.flatMap(([from, to]) =>
      [[from, Math.min(to, start)] as const, [Math.max(from, end), to] as const].filter(([a, b]) => a < b),
    )
  }

  function clear(start: number, end: number): void {
    for (const number of pages.keys()) {
      const at = number * pageSize
      if (at >= start && at + pageSize <= end) pages.delete(number)
      else if (at < end && at + pageSize > start)
        pages.get(number)?.fill(0, Math.max(0, start - at), Math.min(pageSize, end - at))
    }
    // Only whole units become free; parts of one are zeros that have been written.
    unmark(Math.ceil(start / unit) * unit, end >= size ? Number.POSITIVE_INFINITY : Math.floor(end / unit) * unit)
  }

  return {
    get size() {
      return size
    },
    resize(next) {
      if (next < size) clear(next, Number.POSITIVE_INFINITY)
      size = next
    },
    write(offset, bytes) {
      fill(offset, offset + bytes.length, (page, from, to, at) =>
        bytes.copy(page, from, at - offset, at - offset + to - from),
      )
      mark(Math.floor(offset / unit) * unit, Math.ceil((offset + bytes.length) / unit) * unit)
    },
    clear,
    read(start, end) {
      const bytes = Buffer.alloc(end - start)
      for (let at = start; at < end; ) {
        const number = Math.floor(at / pageSize)
        const from = at - number * pageSize
        const to = Math.min(pageSize, from + end - at)
        pages.get(number)?.copy(bytes, at - start, from, to)
        at += to - from
      }
      return bytes
    },
    ranges: () => written.map(([from, to]) => [from, Math.min(to, size) - 1] as const).filter(([from]) => from < size),
    copy: () => contentOf(size, new Map([...pages].map(([number, page]) => [number, Buffer.from(page)])), written),
  }
}
