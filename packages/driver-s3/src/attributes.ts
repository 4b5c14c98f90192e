import type { Log } from '@filegate/core'
import { customerKeyInput } from './connection.ts'
import { base64OfHex, digestKey, formatTime, isHeaderText, timeKey } from './metadata.ts'
import type { Settings } from './settings.ts'

/** What is said of an object when it is written. */
export interface Said {
  /** Unix milliseconds. */
  readonly modified?: number | undefined
  readonly contentType?: string | undefined
  /** In hexadecimal; kept beside the object where its etag will not be it. */
  readonly md5?: string | undefined
}

/** The library lists the words that it knew when it was made; vendors have others besides. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- where it is used says which words it stands for
export const vendorWord = <Word extends string>(word: string): Word => word as Word

/** How the connection wants new objects to be kept, whether uploaded or copied. */
export function storageInput(settings: Settings) {
  const { objectAcl, storage_class: storageClass, server_side_encryption: encryption, sse_kms_key_id: keyId } = settings
  return {
    ...(objectAcl !== undefined && { ACL: vendorWord<'private'>(objectAcl) }),
    ...(storageClass !== '' && { StorageClass: vendorWord<'STANDARD'>(storageClass) }),
    ...(encryption !== '' && { ServerSideEncryption: vendorWord<'AES256'>(encryption) }),
    ...(keyId !== '' && { SSEKMSKeyId: keyId }),
    ...customerKeyInput(settings),
  }
}

/** What an upload says of its object besides the bytes. */
export function uploadInput(settings: Settings, { modified, contentType = '', md5 }: Said, log: Log) {
  const isKept = contentType !== '' && !settings.no_system_metadata
  const isSendable = isHeaderText(contentType)
  if (isKept && !isSendable) log.warn('A content type was left out, for no header can hold it.')
  const metadata = {
    ...(modified !== undefined && { [timeKey]: formatTime(modified) }),
    ...(md5 !== undefined && { [digestKey]: base64OfHex(md5) }),
  }
  return {
    ...storageInput(settings),
    ...(isKept && isSendable && { ContentType: contentType }),
    ...(Object.keys(metadata).length > 0 && { Metadata: metadata }),
  }
}

/** Whether the etag of an object that goes in one request will be something else than its MD5. */
export const hidesMd5 = ({ etagIsMd5, server_side_encryption: encryption }: Settings): boolean =>
  !etagIsMd5 || encryption.startsWith('aws:kms')
