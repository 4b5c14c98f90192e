/** Why a tree refuses; the dialects say it in their vendors' words. */
export type TreeProblem =
  | 'not-found'
  | 'not-a-folder'
  | 'not-a-file'
  /** A sibling has that name, and this tree does not take duplicates; `id` is the sibling's. */
  | 'conflict'
  /** A folder would end up inside itself. */
  | 'cycle'
  | 'no-space'
  /** An id that is taken, or a root that would be moved or removed. */
  | 'refused'

export class TreeError extends Error {
  readonly problem: TreeProblem
  /** The item that stands in the way, or that is not there. */
  readonly id: string | undefined

  constructor(problem: TreeProblem, message: string, id?: string) {
    super(message)
    this.problem = problem
    this.id = id
  }
}
