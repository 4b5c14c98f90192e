import { parsePath } from '@filegate/core'
import { z } from 'zod'

const path = z.string().transform((text) => parsePath(text))

/** What is kept of an upload while it lasts, and for a while after that. */
const stateSchema = z.object({
  id: z.string(),
  kind: z.enum(['whole', 'partial', 'final']),
  /** Where it goes. A part of an upload goes nowhere by itself. */
  target: z
    .object({
      backend: z.string(),
      path,
      modified: z.number().optional(),
      contentType: z.string().optional(),
    })
    .optional(),
  /** Bytes of the whole; absent as long as the client has not said. */
  length: z.number().optional(),
  /** So many bytes are on the disk. */
  offset: z.number(),
  /** The headers Upload-Metadata and Upload-Concat as they came. */
  metadata: z.string(),
  concat: z.string().optional(),
  /** Conditions of the creation, by the name of the header. They have to hold when the file takes its place, too. */
  conditions: z.record(z.string(), z.string()),
  /** Absolute path of the bytes; empty when they belong to another upload now. */
  place: z.string(),
  /** Unix milliseconds. */
  expires: z.number(),
  /** `stored`: the file is in its place. `joined`: it is part of the upload `joinedTo`. Absent: it can go on. */
  outcome: z.enum(['stored', 'joined', 'expired']).optional(),
  joinedTo: z.string().optional(),
})

export type UploadState = Readonly<z.output<typeof stateSchema>>

/** Undefined for what this server did not write, or what a disk has damaged. */
export function parseState(text: string): UploadState | undefined {
  return stateSchema.safeParse(jsonIn(text)).data
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether all bytes have come. */
export const isComplete = ({ length, offset }: UploadState): boolean => offset === length
