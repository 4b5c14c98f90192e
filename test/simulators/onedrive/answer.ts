export type Json = Readonly<Record<string, unknown>>

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly json?: Json | undefined
  readonly bytes?: Uint8Array | undefined
}

export const ok = (json: Json): Answer => ({ status: 200, json })
export const noContent: Answer = { status: 204 }

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
