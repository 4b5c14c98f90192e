import type { LinkSettings } from './arguments.ts'

export interface SharedLink {
  readonly url: string
  readonly item: string
  /** Account id of who made it. */
  readonly owner: string
  readonly settings: LinkSettings | undefined
}

export interface TemporaryLink {
  readonly item: string
  readonly expires: number
}
