/** Which part of a tree a search looks at. */
export interface TreeLimits {
  /** 1 is what the directory itself holds. */
  readonly maxDepth: number
  /** Looks also at what `.gitignore` and its like exclude. */
  readonly noIgnore: boolean
  /** Looks also at names that begin with a dot. */
  readonly hidden: boolean
}
