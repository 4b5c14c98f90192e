import { Agent, get, type IncomingMessage } from 'node:http'

type Headers = Readonly<Record<string, string>>

/** Connections are kept, as any client of a gateway keeps them. */
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

function ask(url: string, headers: Headers = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      if (response.statusCode === 200 || response.statusCode === 206) resolve(response)
      else reject(new Error(`${url} answered ${response.statusCode}`))
    }).once('error', reject)
  })
}

/** Milliseconds from the request to the last byte of the answer, which is thrown away. */
export async function download(url: string, headers?: Headers): Promise<number> {
  const start = performance.now()
  const response = await ask(url, headers)
  await new Promise((resolve, reject) => response.once('error', reject).once('end', resolve).resume())
  return performance.now() - start
}
