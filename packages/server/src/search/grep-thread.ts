import { readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { type LocalAccess, parsePath, StorageError } from '@filegate/core'
import { createFileSearch, type FileSearch } from './file-search.ts'
import type { LineMatch } from './grep-match.ts'
import { createLineMatcher, type LineMatcher } from './line-matcher.ts'
import { createFolderOpener } from './local-folder.ts'
import type { Answer, FilesAnswer, PieceAnswer, Question } from './thread-messages.ts'

/** The module of a worker thread that searches files for one request at a time. */

interface Job {
  readonly matcher: LineMatcher
  readonly limits: Extract<Question, { type: 'begin' }>['limits']
  readonly local: LocalAccess | undefined
  readonly files: Map<number, FileSearch>
}

let job: Job | undefined
const openFolder = createFolderOpener()
/** Files are read through this, so what is kept of them is copied. */
const buffer = Buffer.allocUnsafeSlow(256 * 1024)

function current(): Job {
  if (!job) throw new TypeError('A search has to begin before it is given files.')
  return job
}

function answerTo(question: Question): Answer {
  switch (question.type) {
    case 'begin':
      return begin(question)
    case 'files':
      return searchFiles(current(), question.paths)
    case 'piece':
      return searchPiece(current(), question)
    case 'drop':
      current().files.delete(question.file)
  }
  return { type: 'done' }
}

function begin({ pattern, limits, folder }: Extract<Question, { type: 'begin' }>): Answer {
  const local = folder && openFolder(folder)
  job = { matcher: createLineMatcher(pattern), limits, local, files: new Map() }
  return { type: 'done' }
}

function searchFiles({ matcher, limits, local }: Job, paths: readonly string[]): FilesAnswer {
  const found: { path: string; matches: readonly LineMatch[] }[] = []
  let searched = 0
  for (const path of paths) {
    const matches = local && searchFile(local, path, createFileSearch(matcher, limits), limits.maxFilesize)
    if (!matches) continue
    searched++
    if (matches.length > 0) found.push({ path, matches })
  }
  return { type: 'files', searched, matches: found }
}

/** Undefined when the file is too large, gone, or not to be read. */
function searchFile(
  local: LocalAccess,
  path: string,
  search: FileSearch,
  maxFilesize: number,
): readonly LineMatch[] | undefined {
  const file = openOrSkip(local, path)
  try {
    if (!file || file.entry.size > maxFilesize) return undefined
    for (;;) {
      const count = readSync(file.descriptor, buffer, 0, buffer.length, null)
      if (count === 0 || !search.push(buffer.subarray(0, count)) || count < buffer.length) break
    }
    return search.finish() ?? []
  } finally {
    file?.close()
  }
}

function openOrSkip(local: LocalAccess, path: string): ReturnType<LocalAccess['openFile']> | undefined {
  try {
    return local.openFile(parsePath(path))
  } catch (error) {
    if (StorageError.is(error)) return undefined
    throw error
  }
}

function searchPiece({ matcher, limits, files }: Job, piece: Extract<Question, { type: 'piece' }>): PieceAnswer {
  const { file, bytes, isLast } = piece
  const search = files.get(file) ?? createFileSearch(matcher, limits)
  const wantsMore = search.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) && !isLast
  if (wantsMore) files.set(file, search)
  else files.delete(file)
  return { type: 'piece', wantsMore, matches: wantsMore ? [] : (search.finish() ?? []) }
}

parentPort?.on('message', (question: Question) => parentPort?.postMessage(answerTo(question)))
