// Changing a folder from its page: uploading, making, renaming and deleting. Reading it needs none of this.

import { ask, made, reasonOf } from './ask.js'
import { droppedItems } from './dropped.js'
import { createUploads } from './upload.js'

const tools = document.querySelector('#changes')
const { base, api } = tools.dataset
const can = new Set(tools.dataset.can.split(' '))
const status = document.querySelector('#change-status')
const icons = 'http://www.w3.org/2000/svg'

function say(text, ...more) {
  status.replaceChildren(text, ...more)
  status.hidden = false
}

/** Whether it worked. If not, the page says why. */
async function change(method, url, options = {}) {
  try {
    const response = await fetch(url, { method, redirect: 'error', ...options })
    if (response.ok) return true
    say(reasonOf(response.status, await response.text()))
  } catch {
    say(reasonOf(0, ''))
  }
  return false
}

const encoded = (name) => base + encodeURIComponent(name)

async function makeFolder() {
  const name = await ask({ title: 'New folder', input: '', buttons: [['make', 'Make']] })
  if (name && (await change('MKCOL', `${encoded(name)}/`))) location.reload()
}

async function makeFile() {
  const name = await ask({ title: 'New text file', input: '', buttons: [['make', 'Edit']] })
  if (name) location.assign(`${encoded(name)}?edit`)
}

/** The entry that a button in its row is about. */
function entryOf(button) {
  const row = button.closest('tr')
  const link = row.querySelector('.name > a')
  const url = new URL(link.href).pathname
  const isFolder = url.endsWith('/')
  const last = url.split('/').at(isFolder ? -2 : -1)
  return { row, url, isFolder, last, name: decodeURIComponent(last) }
}

async function rename({ url, name }) {
  const to = await ask({ title: `Rename “${name}”`, input: name, buttons: [['rename', 'Rename']] })
  if (!to || to === name) return
  const body = JSON.stringify({ name: to })
  if (await change('PATCH', url, { body, headers: { 'content-type': 'application/json' } })) location.reload()
}

async function remove({ row, url, isFolder, last, name }) {
  const what = isFolder ? 'With all it holds. ' : ''
  const text = what + (can.has('trash') ? 'It goes to the trash.' : 'It cannot be brought back from here.')
  const question = { title: `Delete “${name}”?`, text, buttons: [['delete', 'Delete']], isCareful: true }
  if (!(await ask(question))) return
  if (!(await change('DELETE', url))) return
  const next = row.nextElementSibling ?? row.previousElementSibling
  row.remove()
  next?.querySelector('.name > a')?.focus()
  say(`“${name}” was deleted.`, ...(can.has('trash') && can.has('upload') ? [bringBack(last)] : []))
}

function bringBack(last) {
  const onclick = async () => {
    if (await change('POST', `${api}${last}?restore`)) location.reload()
  }
  return made('button', { type: 'button', className: 'button', textContent: 'Bring it back', onclick })
}

const actions = { rename, delete: remove }

/** What each row gets, made once and copied. */
function rowButtons() {
  const buttons = document.createDocumentFragment()
  for (const [name, label] of [
    ['rename', 'Rename'],
    ['delete', 'Delete'],
  ]) {
    if (name === 'rename' && !can.has('upload')) continue
    const button = made('button', { type: 'button', title: label })
    button.dataset.action = name
    const picture = document.createElementNS(icons, 'svg')
    const use = document.createElementNS(icons, 'use')
    use.setAttribute('href', `#i-${name}`)
    picture.setAttribute('aria-hidden', 'true')
    picture.append(use)
    button.append(picture)
    buttons.append(button)
  }
  return buttons
}

function offerRows() {
  const table = document.querySelector('table.listing')
  if (!table || !can.has('delete')) return
  const buttons = rowButtons()
  for (const row of table.querySelectorAll('.entries tr')) {
    const name = row.querySelector('.name bdi').textContent
    const own = buttons.cloneNode(true)
    for (const button of own.children) button.setAttribute('aria-label', `${button.title} ${name}`)
    row.querySelector('.actions').append(own)
  }
  table.addEventListener('click', ({ target }) => {
    const button = target.closest('button[data-action]')
    if (button) void actions[button.dataset.action](entryOf(button))
  })
}

function offerUploads() {
  if (!can.has('upload')) return
  const upload = createUploads({ card: document.querySelector('#uploads'), base, canReplace: can.has('delete') })
  const input = tools.querySelector('input[type=file]')
  input.addEventListener('change', () => {
    upload([...input.files].map((file) => ({ path: file.name, file })))
    input.value = ''
  })
  const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes('Files')
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    document.body.classList.add('dropping')
  })
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (!relatedTarget) document.body.classList.remove('dropping')
  })
  document.addEventListener('drop', (event) => {
    document.body.classList.remove('dropping')
    if (!hasFiles(event)) return
    event.preventDefault()
    droppedItems(event.dataTransfer).then(upload, () => say('What was dropped cannot be read.'))
  })
  tools.querySelector('#new-folder').addEventListener('click', () => void makeFolder())
  tools.querySelector('#new-file').addEventListener('click', () => void makeFile())
  tools.hidden = false
}

offerRows()
offerUploads()
