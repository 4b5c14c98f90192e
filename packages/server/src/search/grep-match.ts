/** One line that matches. */
export interface LineMatch {
  /** From 1. */
  readonly line: number
  /** Offset in bytes of the match in the line. */
  readonly column: number
  readonly text: string
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** What is asked of each file. */
export interface FileLimits {
  /** Lines before and after each match. */
  readonly context: number
  /** Matches of one file. */
  readonly maxCount: number
}
