import { isADirectory } from '@filegate/core'
import { conditionalStatus } from '../http/conditional.ts'
import { validators } from '../http/validators.ts'
import type { LineLimits } from '../text/lines-local.ts'
import { parseLines } from '../text/lines-request.ts'
import { linesFromDisk } from './lines-from-disk.ts'
import { linesFromStream } from './lines-from-stream.ts'
import type { View } from './view.ts'

/**
 * What one answer delivers at most. Who asks for more gets the first so many lines (of a tail, the last), and
 * `X-Line-Range` says which those are. A single line that is longer is cut.
 */
const limits: LineLimits = { lines: 100_000, bytes: 64 * 1024 * 1024 }

/**
 * Some lines of a file, byte by byte as they stand there. `X-Line-Range` has the lines really delivered: `10-50`, or `-20`
 * for the last 20 of a file too big to count the lines before them. `X-Total-Lines` is there whenever it is known.
 * Lines past the end are no error, because whoever polls a growing log asks for them most of the time: the answer is
 * empty, has no `X-Line-Range`, and its `X-Total-Lines` says where the file ends.
 */
export const lines: View = {
  name: 'lines',
  takes: 'file',
  respond(context) {
    const { request, source, reply } = context
    const { entry } = source
    if (entry.kind !== 'file') throw isADirectory(request.path)
    const wanted = parseLines(request.query.text('lines') ?? '')
    const decided = conditionalStatus((name) => request.header(name), entry)
    if (decided !== undefined) return reply(decided, decided === 304 ? validators(entry) : {}, null)
    const show = source.openLocal ? linesFromDisk : linesFromStream
    return show(context, entry, wanted, limits)
  },
}
