import xz from 'xz-decompress'
import { xzStreams } from './xz-streams.ts'

/** Unpacks xz data. @throws Error on damage, also when the bytes end before a stream does. */
export async function* unxz(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const streams = xzStreams(packed)
  do {
    try {
      for await (const chunk of new xz.XzReadableStream(streamOf(streams.chunks()))) yield chunk
    } catch (cause) {
      throw new Error('its xz data makes no sense or ends early', { cause })
    }
  } while (await streams.next())
}

function streamOf(chunks: AsyncIterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
    },
    { highWaterMark: 0 },
  )
}
