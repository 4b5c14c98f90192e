// Uploads, a few at a time, with what is left of them to see. Each file is one PUT.

import { ask, made, reasonOf } from './ask.js'

const atOnce = 2

/** Takes items `{ path, file }`; a path may lead through folders, which are made on the way. A folder has no file. */
export function createUploads({ card, base, canReplace }) {
  const shown = createCard(card)
  const mayReplace = createQuestion(canReplace)
  const waiting = []
  const running = new Map()
  const stopping = new AbortController()
  let [count, done, bytes, sent] = [0, 0, 0, 0]

  function show() {
    const underWay = [...running.values()].reduce((sum, loaded) => sum + loaded, 0)
    shown.progress({ count, done, bytes, sent: sent + underWay })
  }

  async function next() {
    const item = waiting.shift()
    if (!item) return
    running.set(item, 0)
    const progress = (loaded) => {
      running.set(item, loaded)
      show()
    }
    try {
      if (await upload({ base, item, mayReplace, progress, signal: stopping.signal })) done++
    } catch (error) {
      shown.failure(item.path, error.message)
    }
    running.delete(item)
    sent += item.file?.size ?? 0
    show()
    if (waiting.length > 0) void next()
    else if (running.size === 0) end()
  }

  function end() {
    window.removeEventListener('beforeunload', warn)
    shown.end()
  }
  const warn = (event) => event.preventDefault()
  shown.onStop(() => {
    waiting.splice(0)
    stopping.abort()
  })

  return (items) => {
    if (items.length === 0) return
    count += items.length
    for (const item of items) bytes += item.file?.size ?? 0
    waiting.push(...items)
    window.addEventListener('beforeunload', warn)
    show()
    for (let free = atOnce - running.size; free > 0; free--) void next()
  }
}

/** False when what is there already was to be kept. */
async function upload({ base, item, mayReplace, progress, signal }) {
  const url = base + item.path.split('/').map(encodeURIComponent).join('/')
  if (!item.file) {
    await send('MKCOL', `${url}/`, { signal })
    return true
  }
  const there = await fetch(url, { method: 'HEAD', cache: 'no-store' })
  if (there.ok && !(await mayReplace(item.path))) return false
  // Whoever comes between the question and the file is not overwritten either.
  const condition = there.ok ? {} : { 'if-none-match': '*' }
  const headers = { ...condition, 'x-oc-mtime': String(item.file.lastModified / 1000) }
  await send('PUT', url, { headers, body: item.file, progress, signal })
  return true
}

/** By XMLHttpRequest, which tells how much is on its way. */
function send(method, url, { headers = {}, body, progress, signal }) {
  const request = new XMLHttpRequest()
  request.open(method, url)
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
  request.upload.onprogress = ({ loaded }) => progress?.(loaded)
  const abort = () => request.abort()
  signal.addEventListener('abort', abort)
  return new Promise((resolve, reject) => {
    request.onloadend = () => {
      signal.removeEventListener('abort', abort)
      const { status, responseText } = request
      const isThere = method === 'MKCOL' && status === 405
      if (isThere || (status >= 200 && status < 300)) resolve()
      else if (signal.aborted) reject(new Error('stopped.'))
      else if (status === 412) reject(new Error('Somebody else has just put a file there.'))
      else reject(new Error(reasonOf(status, responseText)))
    }
    if (signal.aborted) reject(new Error('stopped.'))
    else request.send(body)
  })
}

/** Asks whether a file is to be replaced: one question at a time, and none any more once the answer was for all. */
function createQuestion(canReplace) {
  const buttons = [
    ['none', 'Keep all'],
    ['all', 'Replace all'],
    ['keep', 'Keep'],
    ['replace', 'Replace'],
  ]
  let always
  let last = Promise.resolve()

  async function question(path) {
    if (!canReplace) throw new Error('There is a file of this name, and files are not replaced here.')
    if (always !== undefined) return always
    const text = 'There is a file of this name already.'
    const chosen = await ask({ title: `Replace “${path}”?`, text, buttons })
    if (chosen === 'all' || chosen === 'none') always = chosen === 'all'
    return chosen === 'all' || chosen === 'replace'
  }
  return (path) => {
    const answer = last.then(() => question(path))
    last = answer.catch(() => undefined)
    return answer
  }
}

/** What there is to see of uploads. */
function createCard(card) {
  const text = made('p')
  text.setAttribute('role', 'status')
  const bar = made('progress', { max: 1, value: 0 })
  const failures = made('ul')
  const stop = made('button', { type: 'button', className: 'button', textContent: 'Stop' })
  card.append(text, bar, failures, stop)
  return {
    progress({ count, done, bytes, sent }) {
      card.hidden = false
      bar.max = Math.max(bytes, 1)
      bar.value = sent
      text.textContent = `${done} of ${count} uploaded`
    },
    failure: (path, reason) => failures.append(made('li', { textContent: `${path}: ${reason}` })),
    onStop: (listener) => stop.addEventListener('click', listener),
    /** The folder is shown as it is now, once nobody has to read what went wrong. */
    end() {
      if (failures.childElementCount === 0) return location.reload()
      stop.textContent = 'Show the folder'
      stop.addEventListener('click', () => location.reload())
      return undefined
    },
  }
}
