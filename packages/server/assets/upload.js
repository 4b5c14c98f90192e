// Uploads, a few at a time, with what is left of them to see. Each file is one PUT.

import { ask, made, reasonOf } from './ask.js'

const atOnce = 2

/** Files as `{ path, file }`; a path may lead through folders, which are made on the way. A folder has no file. */
export function createUploads({ card, base, canReplace }) {
  const text = made('p')
  text.setAttribute('role', 'status')
  const bar = made('progress', { max: 1, value: 0 })
  const failures = made('ul')
  const stop = made('button', { type: 'button', className: 'button', textContent: 'Stop' })
  card.append(text, bar, failures, stop)

  const waiting = []
  const running = new Map()
  let [count, done, bytes, sent] = [0, 0, 0, 0]
  /** What to do with all files that are there already, once that was said. */
  let always
  let asking = Promise.resolve()

  function show() {
    card.hidden = false
    const underWay = [...running.values()].reduce((sum, loaded) => sum + loaded, 0)
    bar.max = Math.max(bytes, 1)
    bar.value = sent + underWay
    text.textContent = `${done} of ${count} uploaded`
  }
  function fail(path, reason) {
    failures.append(made('li', { textContent: `${path}: ${reason}` }))
  }

  async function next() {
    const item = waiting.shift()
    if (!item) return
    running.set(item, 0)
    try {
      await upload(item)
      done++
    } catch (error) {
      if (error.message) fail(item.path, error.message)
    }
    running.delete(item)
    sent += item.file?.size ?? 0
    show()
    if (waiting.length > 0) void next()
    else if (running.size === 0) end()
  }

  async function upload(item) {
    const url = base + item.path.split('/').map(encodeURIComponent).join('/')
    if (!item.file) return void (await request('MKCOL', `${url}/`, undefined, {}))
    const there = await fetch(url, { method: 'HEAD', cache: 'no-store' })
    if (there.ok && !(await mayReplace(item.path))) throw new Error('')
    // Whoever comes between the question and the file is not overwritten either.
    const condition = there.ok ? {} : { 'if-none-match': '*' }
    const headers = { ...condition, 'x-oc-mtime': String(item.file.lastModified / 1000) }
    await request('PUT', url, item, headers)
  }

  /** By XMLHttpRequest, which tells how much is on its way. */
  function request(method, url, item, headers) {
    return new Promise((resolve, reject) => {
      const sending = new XMLHttpRequest()
      sending.open(method, url)
      for (const [name, value] of Object.entries(headers)) sending.setRequestHeader(name, value)
      sending.upload.onprogress = ({ loaded }) => {
        running.set(item, loaded)
        show()
      }
      sending.onloadend = () => {
        stop.removeEventListener('click', abort)
        const isDone = sending.status >= 200 && sending.status < 300
        if (isDone || (method === 'MKCOL' && sending.status === 405)) resolve()
        else if (sending.status === 412) reject(new Error('Somebody else has just put a file there.'))
        else reject(new Error(reasonOf(sending.status, sending.responseText)))
      }
      sending.onabort = () => reject(new Error('stopped.'))
      const abort = () => sending.abort()
      stop.addEventListener('click', abort)
      sending.send(item?.file)
    })
  }

  /** One question at a time. */
  function mayReplace(path) {
    const answer = asking.then(async () => {
      if (!canReplace) throw new Error('There is a file of this name, and files are not replaced here.')
      if (always !== undefined) return always
      const buttons = [
        ['none', 'Keep all'],
        ['all', 'Replace all'],
        ['keep', 'Keep'],
        ['replace', 'Replace'],
      ]
      const chosen = await ask({ title: `Replace “${path}”?`, text: 'There is a file of this name already.', buttons })
      if (chosen === 'all' || chosen === 'none') always = chosen === 'all'
      return chosen === 'all' || chosen === 'replace'
    })
    asking = answer.catch(() => {})
    return answer
  }

  function end() {
    window.removeEventListener('beforeunload', warn)
    if (failures.childElementCount === 0) return location.reload()
    stop.textContent = 'Show the folder'
    stop.onclick = () => location.reload()
  }
  const warn = (event) => event.preventDefault()
  stop.addEventListener('click', () => waiting.splice(0))

  return {
    add(items) {
      if (items.length === 0) return
      count += items.length
      for (const item of items) bytes += item.file?.size ?? 0
      waiting.push(...items)
      window.addEventListener('beforeunload', warn)
      show()
      for (let free = atOnce - running.size; free > 0; free--) void next()
    },
  }
}

/** All files that were dropped, and those of folders that were. */
export async function droppedItems({ items }) {
  // Only now the browser tells what they are: after the first wait it has forgotten.
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter(Boolean)
  const found = []
  for (const entry of entries) await collect(entry, '', found)
  return found
}

async function collect(entry, above, found) {
  const path = above + entry.name
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject))
    found.push({ path, file })
    return
  }
  const reader = entry.createReader()
  let count = 0
  for (;;) {
    // Comes in parts; an empty one is the end.
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    if (part.length === 0) break
    count += part.length
    for (const child of part) await collect(child, `${path}/`, found)
  }
  if (count === 0) found.push({ path })
}
