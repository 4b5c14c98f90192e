// The editor. What it saves goes to the server by PUT, for the version that it was made from: a version that somebody else
// saved meanwhile is shown and not overwritten.

import { bytesOf, firstDifference, formName, indented, newForm, openText, placeIn } from './edit-text.js'

const byId = (id) => document.getElementById(id)
const editor = byId('editor')
const mine = byId('edit-mine')
const theirs = byId('edit-theirs')
const saveButton = byId('edit-save')
const undoButton = byId('edit-undo')
const { url } = editor.dataset

/** Bytes that the editor opens; the server gives no page for more. */
const mostBytes = 4 * 1024 * 1024

/** The version that the text was made from: undefined where no file is yet. */
let etag
let form = newForm
let type = 'text/plain; charset=utf-8'
/** The text as it was loaded or saved. */
let saved = ''
let saving = false
/** What somebody else saved meanwhile; without an etag: it was deleted. */
let other
/** What was here before theirs was taken. */
let replaced
let leavesWithTab = false

const isChanged = () => mine.value !== saved
const conflicts = () => other !== undefined

function say(text) {
  byId('edit-status').textContent = text
}

function showState() {
  const changed = isChanged()
  saveButton.disabled = saving || conflicts() || (!changed && etag !== undefined)
  byId('edit-over').disabled = saving
  byId('edit-form').textContent = formName(form)
  document.title = document.title.replace(/^(?:\u25CF )?/, changed ? '\u25CF ' : '')
}

/** What the server has now. Undefined when it is no text that could be edited. */
async function load() {
  const response = await fetch(url, { cache: 'no-store' })
  if (response.status === 404) return { etag: undefined, text: '', form: newForm, type }
  if (!response.ok) throw new Error(await reasonOf(response))
  const bytes = new Uint8Array(await response.arrayBuffer())
  const opened = bytes.length > mostBytes ? undefined : openText(bytes)
  if (!opened) return undefined
  return {
    ...opened,
    etag: response.headers.get('etag') ?? undefined,
    type: response.headers.get('content-type') ?? type,
  }
}

/** What an answer says of why it is no success. */
async function reasonOf(response) {
  const text = await response.text()
  try {
    const { error } = JSON.parse(text)
    if (typeof error === 'string') return error
  } catch {
    // Some proxy answered in its own words.
  }
  return `The server answered with status ${response.status}.`
}

function show(version) {
  mine.value = version.text
  saved = mine.value
  ;({ etag, form, type } = version)
}

async function save(expected) {
  if (saving) return
  saving = true
  showState()
  say('Saving…')
  const text = mine.value
  try {
    const condition = expected === undefined ? { 'if-none-match': '*' } : { 'if-match': expected }
    const headers = { ...condition, 'content-type': type }
    const response = await fetch(url, { method: 'PUT', headers, body: bytesOf(text, form), redirect: 'error' })
    if (response.status === 412) await meet()
    else if (response.ok) await settle(response, text)
    else say(`Not saved. ${await reasonOf(response)}`)
  } catch (error) {
    say(`Not saved. ${error instanceof TypeError ? 'The server cannot be reached.' : error.message}`)
  } finally {
    saving = false
    showState()
  }
}

async function settle(response, text) {
  etag = response.headers.get('etag') ?? (await load())?.etag
  saved = text
  form = form.original === undefined ? form : (openText(bytesOf(text, form))?.form ?? form)
  part()
  replaced = undefined
  undoButton.hidden = true
  say(`Saved at ${new Date().toLocaleTimeString()}.`)
}

/** Somebody else was faster. */
async function meet() {
  const now = await load()
  if (!now) {
    say('Not saved. Somebody else has replaced the file by one that is no text in UTF-8. Copy what you need from here.')
    return
  }
  if (now.etag !== undefined && now.text === mine.value) {
    show(now)
    part()
    say('Somebody else has saved the very same text.')
    return
  }
  other = now
  const deleted = now.etag === undefined
  byId('edit-theirs-pane').hidden = deleted
  theirs.value = now.text
  editor.classList.toggle('both', !deleted)
  byId('edit-take').hidden = deleted
  byId('edit-over').textContent = deleted ? 'Save mine as a new file' : 'Save mine over it'
  byId('edit-conflict').hidden = false
  byId('edit-conflict-text').textContent = deleted
    ? 'Not saved: somebody else has deleted this file while you were editing it.'
    : `Not saved: somebody else has saved this file while you were editing it. The versions differ from line ${firstDifference(mine.value, theirs.value)} on. Yours can still be edited.`
  byId('edit-conflict').scrollIntoView({ block: 'nearest' })
  say('')
}

/** There is one version again. */
function part() {
  other = undefined
  byId('edit-conflict').hidden = true
  byId('edit-theirs-pane').hidden = true
  editor.classList.remove('both')
}

function takeTheirs() {
  replaced = mine.value
  show(other)
  part()
  undoButton.hidden = false
  say('This is their version.')
  showState()
  mine.focus()
}

function bringBack() {
  if (replaced === undefined) return
  ;[mine.value, replaced] = [replaced, undefined]
  undoButton.hidden = true
  say('This is your version, not saved yet.')
  showState()
  mine.focus()
}

/** As if it had been typed, so that the browser can undo it. */
function replaceRange(from, to, text) {
  mine.setSelectionRange(from, to)
  // The one way that keeps the history of the field; every browser has it, whatever standards say.
  if (!document.execCommand('insertText', false, text)) mine.setRangeText(text, from, to, 'end')
  showState()
}

function indent(outwards) {
  const { selectionStart: start, selectionEnd: end, value } = mine
  const severalLines = value.slice(start, end).includes('\n')
  if (!severalLines && !outwards) return replaceRange(start, end, '\t')
  const change = indented(value, start, end, outwards)
  replaceRange(change.from, change.to, change.text)
  if (severalLines) mine.setSelectionRange(change.from, change.from + change.text.length)
}

function onKey(event) {
  const { key } = event
  if ((event.ctrlKey || event.metaKey) && !event.altKey && key.toLowerCase() === 's') {
    event.preventDefault()
    if (!saveButton.disabled) void save(etag)
    return
  }
  if (event.target !== mine || event.isComposing) return
  if (key === 'Tab' && !event.ctrlKey && !event.metaKey && !event.altKey && !leavesWithTab) {
    event.preventDefault()
    indent(event.shiftKey)
  }
  leavesWithTab = key === 'Escape' || (leavesWithTab && (key === 'Shift' || key === 'Tab'))
}

let placeIsDue = false
function showPlace() {
  if (placeIsDue || document.activeElement !== mine) return
  placeIsDue = true
  requestAnimationFrame(() => {
    placeIsDue = false
    const { line, column } = placeIn(mine.value, mine.selectionEnd)
    byId('edit-place').textContent = `Line ${line}, column ${column}`
  })
}

async function start() {
  const version = 'new' in editor.dataset ? undefined : await load()
  if (!version && !('new' in editor.dataset)) throw new Error('This is no longer a text in UTF-8.')
  if (version && version.etag !== undefined) show(version)
  else say('A new file: it is made when it is saved.')
  editor.hidden = false
  mine.addEventListener('input', showState)
  document.addEventListener('keydown', onKey)
  document.addEventListener('selectionchange', showPlace)
  saveButton.addEventListener('click', () => void save(etag))
  byId('edit-over').addEventListener('click', () => void save(other?.etag))
  byId('edit-take').addEventListener('click', takeTheirs)
  undoButton.addEventListener('click', bringBack)
  window.addEventListener('beforeunload', (event) => {
    if (isChanged()) event.preventDefault()
  })
  mine.focus()
  mine.setSelectionRange(0, 0)
  showPlace()
  showState()
}

start().catch((error) => say(`The file cannot be edited. ${error.message}`))
