import { describe, expect, it } from 'vitest'
import { exportChoice, exportFormat, importFormat, isExtension, withoutExtension } from './formats.ts'

const document = 'application/vnd.google-apps.document'
const sheet = 'application/vnd.google-apps.spreadsheet'
const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
const exports = {
  [document]: ['application/pdf', 'text/plain', word],
  [sheet]: ['application/x-vnd.oasis.opendocument.spreadsheet', 'text/csv'],
}
const imports = { [word]: [document], 'text/csv': [sheet], 'text/plain': [document] }

describe('what a document is shown as', () => {
  it('is the first ending that it can be exported as, and a usual one where none fits', () => {
    expect(exportFormat(document, exportChoice(['csv', '.PDF', 'txt']), exports)).toMatchObject({ extension: 'pdf' })
    expect(exportFormat(document, exportChoice(['csv']), exports)).toEqual({
      kind: 'export',
      extension: 'docx',
      type: word,
    })
    expect(exportFormat(sheet, exportChoice(['ods']), exports)).toMatchObject({
      type: 'application/x-vnd.oasis.opendocument.spreadsheet',
    })
    expect(exportFormat('application/vnd.google-apps.form', exportChoice(['pdf']), exports)).toBeUndefined()
    expect(exportFormat('constructor', exportChoice([]), exports)).toBeUndefined()
  })

  it('can be a link, whatever it is', () => {
    expect(exportFormat('application/vnd.google-apps.form', exportChoice(['link.html']), exports)).toEqual({
      kind: 'link',
      extension: 'link.html',
    })
  })
})

describe('what an upload becomes', () => {
  it('goes by its ending, when that is wanted and can be imported', () => {
    expect(importFormat('a.DOCX', ['docx'], imports)).toEqual({ extension: 'docx', type: word, documentType: document })
    expect(importFormat('a.docx', ['csv'], imports)).toBeUndefined()
    expect(importFormat('a.pdf', ['pdf'], imports)).toBeUndefined()
    expect(importFormat('csv', ['csv'], imports)).toBeUndefined()
  })
})

describe('endings', () => {
  it('are those that are known, and links', () => {
    for (const known of ['docx', '.XLSX', 'link.html', 'webloc']) expect(isExtension(known)).toBe(true)
    for (const strange of ['exe', '', 'toString', '__proto__']) expect(isExtension(strange)).toBe(false)
  })

  it('come off names', () => {
    expect(withoutExtension('a.b.docx', 'docx')).toBe('a.b')
    expect(withoutExtension('a.link.html', 'link.html')).toBe('a')
  })
})
