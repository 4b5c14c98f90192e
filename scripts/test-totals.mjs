// Adds up vitest's JSON reports and prints `N passed, N failed` as the last line. A report that is missing, or a file that
// broke before its first test, counts as a failure: nothing that did not run may look as if it had passed.
import { readFileSync } from 'node:fs'

/** What is in a report. Undefined when it is missing, or was broken off. */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

let passed = 0
let failed = 0
let skipped = 0
for (const path of process.argv.slice(2)) {
  const report = readReport(path)
  if (!report) {
    console.log(`no report at ${path}: that run broke before it could write one`)
    failed += 1
    continue
  }
  passed += report.numPassedTests
  skipped += report.numPendingTests + (report.numTodoTests ?? 0)
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  for (const file of brokenFiles) console.log(`broken: ${file.name}`)
  failed += report.numFailedTests + brokenFiles.length
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
