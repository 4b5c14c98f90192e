import { oneHeader, readBody } from '../gcs/exchange.ts'
import { boundaryOf, parseMultipart } from '../gcs/multipart.ts'
import { badRequest, DriveError } from './drive-error.ts'
import { type Answer, type Exchange, showFile } from './exchange.ts'
import { jsonBody, readFileBody } from './file-body.ts'
import { startUpload } from './resumable.ts'
import { planCreate, planUpdate } from './write-file.ts'

type Plan = typeof planCreate

/** Metadata alone. */
async function writeMetadata(exchange: Exchange, plan: Plan): Promise<Answer> {
  const { query, headers, incoming } = exchange
  if (query.has('uploadType')) throw wrongUrl()
  const type = oneHeader(headers, 'content-type')
  const bytes = await readBody(incoming, 1_048_576)
  if (type !== undefined && bytes.length > 0 && !/^application\/json\b/i.test(type)) throw wrongUrl()
  return showFile(exchange, plan(exchange, readFileBody(jsonBody(bytes, type)))(undefined))
}

async function uploadMedia(exchange: Exchange, plan: Plan): Promise<Answer> {
  const commit = plan(exchange, readFileBody({}))
  const bytes = await readBody(exchange.incoming)
  return showFile(exchange, commit({ bytes, contentType: oneHeader(exchange.headers, 'content-type') }))
}

async function uploadMultipart(exchange: Exchange, plan: Plan): Promise<Answer> {
  const boundary = boundaryOf(oneHeader(exchange.headers, 'content-type'), 'multipart/related')
  const [description, media, ...more] = parseMultipart(await readBody(exchange.incoming), boundary)
  if (!description || !media || more.length > 0) throw badRequest('Malformed multipart body.')
  const body = readFileBody(jsonBody(description.body, description.headers['content-type']))
  const encoding = media.headers['content-transfer-encoding']?.toLowerCase()
  const bytes = encoding === 'base64' ? Buffer.from(media.body.toString('latin1'), 'base64') : Buffer.from(media.body)
  return showFile(exchange, plan(exchange, body)({ bytes, contentType: media.headers['content-type'] }))
}

const kinds: Readonly<Record<string, (exchange: Exchange, plan: Plan) => Promise<Answer>>> = {
  media: uploadMedia,
  multipart: uploadMultipart,
  resumable: startUpload,
}

async function upload(exchange: Exchange, plan: Plan): Promise<Answer> {
  const kind = kinds[exchange.query.get('uploadType') ?? '']
  if (!kind) throw wrongUrl()
  return kind(exchange, plan)
}

const wrongUrl = (): DriveError =>
  new DriveError(
    400,
    'wrongUrlForUpload',
    'Upload requests must include an uploadType URL parameter and a URL path beginning with /upload/',
  )

export const createFile = (exchange: Exchange): Promise<Answer> => writeMetadata(exchange, planCreate)
export const updateFile = (exchange: Exchange): Promise<Answer> => writeMetadata(exchange, planUpdate)
export const uploadNew = (exchange: Exchange): Promise<Answer> => upload(exchange, planCreate)
export const uploadOver = (exchange: Exchange): Promise<Answer> => upload(exchange, planUpdate)
