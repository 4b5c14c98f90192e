import { type EntriesInFolder, kindAt, nameAt } from '@filegate/driver-local'

const firstRoom = 1024

/** What matches, by number: in which folder, where in its text, size and time. NaN where these are not known. */
export class FoundRows {
  readonly #folders: EntriesInFolder[] = []
  #folder = new Uint32Array(firstRoom)
  #place = new Uint32Array(firstRoom)
  #sizes = new Float64Array(firstRoom)
  #times = new Float64Array(firstRoom)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** The rows that follow are of this folder. */
  startFolder(entries: EntriesInFolder): void {
    this.#folders.push(entries)
  }

  add(place: number, size: number, time: number): void {
    const row = this.#count++
    if (row === this.#place.length) this.#grow(2 * row)
    this.#folder[row] = this.#folders.length - 1
    this.#place[row] = place
    this.see(row, size, time)
  }

  #grow(room: number): void {
    const grown = <T extends Uint32Array | Float64Array>(old: T, column: T): T => {
      column.set(old)
      return column
    }
    this.#folder = grown(this.#folder, new Uint32Array(room))
    this.#place = grown(this.#place, new Uint32Array(room))
    this.#sizes = grown(this.#sizes, new Float64Array(room))
    this.#times = grown(this.#times, new Float64Array(room))
  }

  /** Drops the others, and numbers anew. */
  keep(isKept: (row: number) => boolean): void {
    let kept = 0
    for (let row = 0; row < this.#count; row++) {
      if (!isKept(row)) continue
      for (const column of [this.#folder, this.#place, this.#sizes, this.#times]) column[kept] = column[row] ?? 0
      kept++
    }
    this.#count = kept
  }

  see = (row: number, size = Number.NaN, time = Number.NaN): void => {
    this.#sizes[row] = size
    this.#times[row] = time
  }

  size = (row: number): number => this.#sizes[row] ?? Number.NaN

  /** Unix time in milliseconds. */
  time = (row: number): number => this.#times[row] ?? Number.NaN

  /** Where it is in the text of its source. */
  place = (row: number): number => this.#place[row] ?? 0

  source = (row: number): EntriesInFolder => {
    const entries = this.#folders[this.#folder[row] ?? 0]
    if (!entries || row >= this.#count) throw new RangeError(`There is no row ${row}.`)
    return entries
  }

  name = (row: number): string => nameAt(this.source(row).text, this.place(row))

  isDirectory = (row: number): boolean => kindAt(this.source(row).text, this.place(row)) === 'directory'
}
