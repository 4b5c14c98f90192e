/** Microsoft's own clients, for tests of the simulators outside this package: the vendor's opinion, without our drivers. */
export {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  UsernamePasswordCredential,
} from '@azure/identity'
export {
  AccountSASPermissions,
  AccountSASResourceTypes,
  FileSASPermissions,
  RestError,
  type ShareClient,
  ShareSASPermissions,
  ShareServiceClient,
  StorageSharedKeyCredential,
} from '@azure/storage-file-share'
