import { parentPort, workerData } from 'node:worker_threads'
import { bunzip2 } from './bunzip2.ts'
import type { DecodeMethod, FromDecoder, ToDecoder } from './decode-in-thread.ts'
import { unxz } from './unxz.ts'

const methods: Readonly<Record<DecodeMethod, (packed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>>> = {
  xz: unxz,
  bzip2: bunzip2,
}

/** Some decoders read ahead, so one part of this module can wait for bytes while another waits to be asked for more. */
const asked = createQueue<true>()
const packed = createQueue<Uint8Array | undefined>()
parentPort?.on('message', (message: ToDecoder) => {
  if (message.kind === 'next') asked.put(true)
  else packed.put(message.bytes)
})

function createQueue<Item>() {
  const items: { readonly item: Item }[] = []
  let wake = (): void => {}
  return {
    put(item: Item): void {
      items.push({ item })
      wake()
    },
    async take(): Promise<Item> {
      for (;;) {
        const first = items.shift()
        if (first) return first.item
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

const send = (message: FromDecoder): void => parentPort?.postMessage(message)

async function* packedBytes(): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    send({ kind: 'wants' })
    const bytes = await packed.take()
    if (!bytes) return
    yield bytes
  }
}

async function decode(method: DecodeMethod): Promise<void> {
  await asked.take()
  for await (const bytes of methods[method](packedBytes())) {
    if (bytes.length === 0) continue
    send({ kind: 'chunk', bytes })
    await asked.take()
  }
}

function isMethod(value: unknown): value is DecodeMethod {
  return typeof value === 'string' && value in methods
}

if (isMethod(workerData)) {
  decode(workerData).then(
    () => send({ kind: 'end' }),
    (error: unknown) => send({ kind: 'damage', message: error instanceof Error ? error.message : String(error) }),
  )
}
