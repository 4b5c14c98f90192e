/** Microsoft's own client, for tests of the simulator outside this package: the vendor's opinion, without our driver. */
export {
  AuthenticationHandler,
  Client,
  type Context,
  FileUpload,
  GraphError,
  LargeFileUploadTask,
  type Middleware,
  RedirectHandler,
  RedirectHandlerOptions,
  RetryHandler,
  RetryHandlerOptions,
} from '@microsoft/microsoft-graph-client'
