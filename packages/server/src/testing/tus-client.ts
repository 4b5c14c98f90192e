import { Upload, type UploadOptions } from 'tus-js-client'

export interface TusUpload {
  readonly upload: Upload
  /** Resolves when the client takes the upload for finished. */
  readonly finished: Promise<void>
}

/** Uploads with the client that the makers of the protocol wrote. It tries again often and at once, for as long as a busy machine needs. */
export function startTusUpload(bytes: Buffer, options: UploadOptions): TusUpload {
  const finished = Promise.withResolvers<void>()
  const retryDelays = Array.from({ length: 1000 }, () => 20)
  const upload = new Upload(bytes, {
    retryDelays,
    ...options,
    onSuccess: () => finished.resolve(),
    onError: (error) => finished.reject(error),
  })
  upload.start()
  return { upload, finished: finished.promise }
}
