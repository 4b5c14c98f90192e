// A question in the middle of the page. It is answered by a button, by Enter, or not at all.

const dialog = document.createElement('dialog')
dialog.className = 'ask card'
document.body.append(dialog)

/** An element with its attributes and what it holds. */
export function made(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  Object.assign(element, attributes)
  element.append(...children)
  return element
}

/**
 * The value of the button that was pressed, or what was typed. Undefined when the question was left.
 * @param question `title`, `text`, `buttons` as [value, label], the last one being the usual; `input` the text to begin with,
 *   `isCareful` when the usual answer should take more than Enter
 */
export function ask({ title, text = '', buttons, input, isCareful = false }) {
  const field = input === undefined ? undefined : made('input', { type: 'text', value: input, autocomplete: 'off' })
  field?.setAttribute('aria-label', title)
  return new Promise((resolve) => {
    const answer = (value) => {
      dialog.onclose = null
      dialog.close()
      resolve(value === undefined ? undefined : (field?.value ?? value))
    }
    const usual = buttons.length - 1
    const shown = buttons.map(([value, label], place) =>
      made('button', {
        type: 'button',
        className: place === usual ? 'button main' : 'button',
        textContent: label,
        onclick: () => answer(value),
      }),
    )
    const leave = made('button', {
      type: 'button',
      className: 'button',
      textContent: 'Cancel',
      onclick: () => answer(),
    })
    dialog.replaceChildren(
      made('h2', { textContent: title }),
      ...(text ? [made('p', { textContent: text })] : []),
      ...(field ? [field] : []),
      made('p', { className: 'tools' }, leave, ...shown),
    )
    field?.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing) return
      event.preventDefault()
      shown[usual].click()
    })
    // The event of the question before may come when this one is open already.
    dialog.onclose = () => {
      if (!dialog.open) resolve(undefined)
    }
    dialog.showModal()
    if (!field) {
      ;(isCareful ? leave : shown[usual]).focus()
      return
    }
    field.focus()
    const dot = input.lastIndexOf('.')
    field.setSelectionRange(0, dot > 0 ? dot : input.length)
  })
}

/** What an answer says of why it is no success. */
export function reasonOf(status, body) {
  try {
    const { error } = JSON.parse(body)
    if (typeof error === 'string') return error
  } catch {
    // It is not from our server, or says everything with its status.
  }
  return status === 0 ? 'The server cannot be reached.' : `The server answered with status ${status}.`
}
