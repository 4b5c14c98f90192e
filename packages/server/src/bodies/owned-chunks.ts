import { releaseMemory } from './release-memory.ts'

const owning = new WeakSet<ReadableStream<Uint8Array>>()

/** Says that nobody else looks at the chunks of a body: whoever has written one may give its memory back. */
export function ownChunks(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  owning.add(body)
  return body
}

/** What to do with each chunk of the body once it was written. */
export const afterWriting = (body: ReadableStream<Uint8Array>): ((chunk: Uint8Array) => void) =>
  owning.has(body) ? releaseMemory : keep

const keep = (): void => {}
