/** Work that is done one after the other, while nobody waits for it. */
export interface OneAfterAnother {
  add(work: () => Promise<void>): void
  /** Resolves once all is done that was added; undefined when nothing is left. */
  readonly end: Promise<void> | undefined
}

/** @param attempt runs one of them, and does not reject */
export function oneAfterAnother(attempt: (work: () => Promise<void>) => Promise<void>): OneAfterAnother {
  let last = Promise.resolve()
  let count = 0
  return {
    add(work) {
      count += 1
      last = last
        .then(() => attempt(work))
        .then(() => {
          count -= 1
        })
    },
    get end() {
      return count > 0 ? last : undefined
    },
  }
}
