import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeFolder } from './programs.ts'

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

/** Milliseconds, which are many where the machine has other things to do. */
const patience = 60_000

const plain = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
const quiet = ['--disable-component-update', '--disable-sync', '--remote-debugging-port=0']
/** Containers have little of the memory that processes share. */
const small = ['--disable-dev-shm-usage']
/** A page behind another one is as quick as that. */
const lively = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

export async function startBrowser(program = 'chromium'): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'filegate-browser-'))
  const child = spawn(program, [...plain, ...quiet, ...small, ...lively, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve))
  // A test process that dies takes its browser with it.
  const kill = (): boolean => child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async (): Promise<void> => {
    kill()
    await ended
    process.off('exit', kill)
    await removeFolder(profile)
  }
  try {
    const connection = await connect(await addressOf(child))
    return {
      open: (url, size = { width: 1100, height: 800 }) => openPage(connection, url, size),
      /** All its processes, so that none still writes into the folder that is removed. */
      async stop() {
        // One that hangs does not answer.
        connection.call('Browser.close').catch(() => undefined)
        await Promise.race([ended, sleep(10_000, undefined, { ref: false })])
        connection.close()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const [, address] = /listening on (ws:\S+)\s/.exec(text) ?? []
      if (address) resolve(address)
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(`The browser does not start: ${text}`)))
  })
}

type Connection = Awaited<ReturnType<typeof connect>>

async function connect(address: string) {
  const socket = new WebSocket(address)
  const waiting = new Map<number, (message: Message) => void>()
  const listeners = new Map<string, (message: Message) => void>()
  let last = 0
  let gone: string | undefined
  function fail(reason: string): void {
    gone ??= reason
    for (const [id, answered] of waiting) answered({ id, error: { message: reason } })
  }
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message
    if (message.method === 'Inspector.targetCrashed') fail('The page has crashed.')
    else if (message.id === undefined) listeners.get(message.sessionId ?? '')?.(message)
    else waiting.get(message.id)?.(message)
  })
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error(`The browser does not answer at ${address}.`)))
    socket.addEventListener('close', () => fail('The browser is gone.'))
  })
  return {
    call(method: string, params: object = {}, sessionId?: string): Promise<Readonly<Record<string, unknown>>> {
      const id = ++last
      return new Promise((resolve, reject) => {
        if (gone !== undefined) throw new Error(`${method}: ${gone}`)
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

async function become(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + patience
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`It does not become true: ${what}`)
    await sleep(10)
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
  /** Documents that have loaded. */
  const loaded = new Set<unknown>()
  connection.listen(session, ({ method, params }) => {
    if (method === 'Page.lifecycleEvent' && params?.['name'] === 'load') loaded.add(params['loaderId'])
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') problems.push(JSON.stringify(params))
    if (method === 'Page.javascriptDialogOpening') {
      asked = String(params?.['type'])
      // One that was closed together with its page needs no answer.
      call('Page.handleJavaScriptDialog', { accept: true }).catch(() => undefined)
    }
  })
  for (const domain of ['Page', 'Runtime', 'Log', 'Inspector']) await call(`${domain}.enable`)
  await call('Page.setLifecycleEventsEnabled', { enabled: true })
  await call('Emulation.setFocusEmulationEnabled', { enabled: true })
  await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 })
  const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]
  await call('Emulation.setEmulatedMedia', { features })
  /** Until this very document is there, and not the one before it. */
  const go = async (to: string): Promise<void> => {
    const { loaderId, errorText } = await call('Page.navigate', { url: to })
    if (errorText !== undefined) throw new Error(`${to}: ${JSON.stringify(errorText)}`)
    await become(`${to} is loaded`, async () => loaded.has(loaderId))
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
    until: (expression) => become(expression, () => isTrue(expression)),
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
