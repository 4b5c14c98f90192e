import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Chromium without a window, spoken to by the DevTools protocol: https://chromedevtools.github.io/devtools-protocol/ */
export interface Browser {
  open(url: string, size?: { readonly width: number; readonly height: number; readonly dark?: boolean }): Promise<Page>
  stop(): Promise<void>
}

export interface Page {
  /** The value of an expression in the page; a promise is waited for. */
  run<Value>(expression: string): Promise<Value>
  /** Resolves once the expression is true. */
  until(expression: string): Promise<void>
  /** Chooses files for a field. */
  choose(selector: string, files: readonly string[]): Promise<void>
  /** Types text, as an input method does. */
  type(text: string): Promise<void>
  press(key: string, options?: { readonly control?: boolean; readonly shift?: boolean }): Promise<void>
  /** Leaves for another address; what the page asks before is answered and given back. */
  leave(url: string): Promise<string | undefined>
  /** What went wrong in the page: errors, and what its policy forbids. */
  readonly problems: readonly string[]
  close(): Promise<void>
}

interface Message {
  readonly id?: number
  readonly sessionId?: string
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

/** Milliseconds. */
const patience = 5000

const switches = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
const quiet = ['--disable-component-update', '--disable-sync', '--remote-debugging-port=0']

export async function startBrowser(program = 'chromium'): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'filegate-browser-'))
  const child = spawn(program, [...switches, ...quiet, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const connection = await connect(await addressOf(child))
  return {
    open: (url, size = { width: 1100, height: 800 }) => openPage(connection, url, size),
    async stop() {
      connection.close()
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function addressOf({ stderr }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const [, address] = /listening on (ws:\S+)/.exec(text) ?? []
      if (address) resolve(address)
    })
    stderr?.on('end', () => reject(new Error(`The browser does not start: ${text}`)))
  })
}

type Connection = Awaited<ReturnType<typeof connect>>

async function connect(address: string) {
  const socket = new WebSocket(address)
  await once(socket, 'open')
  const waiting = new Map<number, (message: Message) => void>()
  const listeners = new Map<string, (message: Message) => void>()
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message
    if (message.id === undefined) listeners.get(message.sessionId ?? '')?.(message)
    else waiting.get(message.id)?.(message)
  })
  return {
    call(method: string, params: object = {}, sessionId?: string): Promise<Readonly<Record<string, unknown>>> {
      const id = ++last
      return new Promise((resolve, reject) => {
        waiting.set(id, ({ result, error }) => {
          waiting.delete(id)
          if (error) reject(new Error(`${method}: ${error.message}`))
          else resolve(result ?? {})
        })
        socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }))
      })
    },
    listen: (sessionId: string, listener: (message: Message) => void) => void listeners.set(sessionId, listener),
    close: () => socket.close(),
  }
}

async function openPage(
  connection: Connection,
  url: string,
  { width, height, dark = false }: { readonly width: number; readonly height: number; readonly dark?: boolean },
): Promise<Page> {
  const { targetId } = await connection.call('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await connection.call('Target.attachToTarget', { targetId, flatten: true })
  const session = String(sessionId)
  const call = (method: string, params: object = {}) => connection.call(method, params, session)
  const problems: string[] = []
  let asked: string | undefined
  let loaded = Promise.withResolvers<void>()
  connection.listen(session, ({ method, params }) => {
    if (method === 'Page.loadEventFired') loaded.resolve()
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') problems.push(JSON.stringify(params))
    if (method === 'Page.javascriptDialogOpening') {
      asked = String(params?.['type'])
      void call('Page.handleJavaScriptDialog', { accept: true })
    }
  })
  for (const domain of ['Page', 'Runtime', 'Log']) await call(`${domain}.enable`)
  await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 })
  const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]
  await call('Emulation.setEmulatedMedia', { features })
  const go = async (to: string): Promise<void> => {
    loaded = Promise.withResolvers<void>()
    await call('Page.navigate', { url: to })
    await loaded.promise
  }
  async function run<Value>(expression: string): Promise<Value> {
    const parameters = { expression, awaitPromise: true, returnByValue: true, userGesture: true }
    const { result, exceptionDetails } = await call('Runtime.evaluate', parameters)
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`)
    return (result as { readonly value: Value }).value
  }
  /** A page that is being left knows nothing. */
  const isTrue = (expression: string): Promise<boolean> =>
    run<boolean>(`Boolean(${expression})`).catch((error: Error) => {
      if (/navigated|context/.test(error.message)) return false
      throw error
    })
  await go(url)
  return {
    run,
    problems,
    async until(expression) {
      const end = performance.now() + patience
      while (!(await isTrue(expression))) {
        if (performance.now() > end) throw new Error(`It does not become true: ${expression}`)
        await sleep(10)
      }
    },
    async choose(selector, files) {
      const { result } = await call('Runtime.evaluate', { expression: `document.querySelector('${selector}')` })
      const { objectId } = result as { readonly objectId: string }
      await call('DOM.setFileInputFiles', { files, objectId })
    },
    async type(text) {
      await call('Input.insertText', { text })
    },
    async press(key, { control = false, shift = false } = {}) {
      const modifiers = (control ? 2 : 0) + (shift ? 8 : 0)
      const code = key.length === 1 ? `Key${key.toUpperCase()}` : key
      const numbers: Readonly<Record<string, number>> = { Tab: 9, Enter: 13, Escape: 27 }
      const windowsVirtualKeyCode = numbers[key] ?? key.toUpperCase().charCodeAt(0)
      const event = { key, code, modifiers, windowsVirtualKeyCode }
      await call('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event })
      await call('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
    },
    async leave(to) {
      asked = undefined
      await go(to)
      return asked
    },
    async close() {
      await connection.call('Target.closeTarget', { targetId })
    },
  }
}
