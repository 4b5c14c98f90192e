// Every page works without this script. It adds times in the reader's own zone, a filter, and keys to move with.

const zoned = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })

function localTimes() {
  for (const time of document.querySelectorAll('time')) {
    const date = new Date(time.dateTime)
    if (Number.isNaN(date.getTime())) continue
    time.textContent = zoned.format(date)
    time.title = full.format(date)
  }
}

const fold = (text) =>
  text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()

function filterRows(table) {
  const box = document.querySelector('.filter')
  const input = box?.querySelector('input')
  const status = document.querySelector('#filter-status')
  if (!box || !input || !status) return
  box.hidden = false
  const rows = [...table.querySelector('.entries').rows].map((row) => ({ row, name: fold(row.cells[0].textContent) }))
  const apply = () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean)
    let shown = 0
    for (const { row, name } of rows) {
      const matches = words.every((word) => name.includes(word))
      if (row.hidden === matches) row.hidden = !matches
      if (matches) shown++
    }
    status.textContent = words.length > 0 ? `${shown} of ${rows.length} shown` : ''
  }
  input.addEventListener('input', apply)
  // The browser may have kept what was typed before the page was left.
  if (input.value) apply()
}

function moveWithKeys(table) {
  const input = document.querySelector('.filter input')
  const links = () => [...table.querySelectorAll('tbody tr:not([hidden]) .name > a')]
  const step = (by) => {
    const list = links()
    const at = list.indexOf(document.activeElement)
    list[at === -1 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1)]?.focus()
  }
  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    '/': () => input?.focus(),
    Backspace: () => document.querySelector('.crumbs li:nth-last-child(2) a')?.click(),
  }
  document.addEventListener('keydown', (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return
    const typing = event.target === input
    if (!typing && event.target.closest('dialog, input, textarea')) return
    if (typing && event.key === 'Escape') {
      input.value = ''
      input.dispatchEvent(new Event('input'))
      input.blur()
      return
    }
    if (typing && event.key === 'Enter') {
      links()[0]?.click()
      return
    }
    if (typing && event.key !== 'ArrowDown') return
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    act()
  })
}

localTimes()
const table = document.querySelector('table.listing')
if (table) {
  filterRows(table)
  moveWithKeys(table)
}
