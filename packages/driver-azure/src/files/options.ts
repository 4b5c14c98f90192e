import { byteSize, description, encoding, integer, strictOptions, text } from '@filegate/core/options'
import type { z } from 'zod'
import { loginProblems, resolveLogin } from '../credentials/login.ts'
import { connectionString, loginOptions } from '../credentials/options.ts'
import { settleShareName } from './share-name.ts'

const mebibyte = 1_048_576
/** The most that one request may bring: https://learn.microsoft.com/rest/api/storageservices/put-range */
export const largestRange = 4 * mebibyte
const largestFile = 4 * mebibyte * mebibyte

const each = strictOptions({
  share_name: text().describe('The share whose files are shown. Not needed where sas_url holds it.'),
  ...loginOptions,
  connection_string: connectionString(),
  chunk_size: byteSize({ minimum: 1024 })
    .prefault(String(largestRange))
    .describe(
      'Bytes that an upload sends in one request. More than 4M, the most that Azure Files takes, counts as 4M.',
    ),
  upload_concurrency: integer({ minimum: 1, maximum: 256 })
    .prefault(16)
    .describe('Requests of an upload under way at once; each takes up the memory of a chunk.'),
  max_stream_size: byteSize({ minimum: 1, maximum: largestFile })
    .prefault(String(10 * 1024 * mebibyte))
    .describe('The longest that an upload of unknown length can get. That much room is taken up until it ends.'),
  // Slash, LtGt, DoubleQuote, Colon, Question, Asterisk, Pipe, BackSlash, Del, Ctl, RightPeriod, InvalidUtf8, Dot.
  encoding: encoding(54_634_382),
  description: description(),
})

export type AzureFilesOptions = z.output<typeof each>

export const options = each.superRefine((given, context) => {
  const problems = loginProblems(given, 'file')
  // What the signed URL opens has to be clear first.
  const all = problems.length > 0 ? problems : shareNameProblems(given)
  for (const [option, message] of all) context.addIssue({ code: 'custom', path: [option], message })
})

function shareNameProblems(given: AzureFilesOptions): readonly (readonly [string, string])[] {
  const { container } = resolveLogin(given, 'file', 'account')
  const { problem } = settleShareName(given.share_name, container)
  return problem === undefined ? [] : [['share_name', problem]]
}
