import xz from 'xz-decompress'

/** Unpacks one xz stream. @throws Error on damage, also when the bytes end before the stream does. */
export async function* unxz(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const unpacked = new xz.XzReadableStream(streamOf(packed))
  try {
    for await (const chunk of unpacked) yield chunk
  } catch (cause) {
    throw new Error('its xz data makes no sense or ends early', { cause })
  }
}

function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
    },
    { highWaterMark: 0 },
  )
}
