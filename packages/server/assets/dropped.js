// What was dropped on a page.

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
