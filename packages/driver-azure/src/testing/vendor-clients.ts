/** Microsoft's own clients, for tests of the simulators outside this package: the vendor's opinion, without our drivers. */
export { ClientCertificateCredential, ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity'
export {
  AccountSASPermissions,
  FileSASPermissions,
  RestError,
  ShareSASPermissions,
  ShareServiceClient,
  StorageSharedKeyCredential,
} from '@azure/storage-file-share'
