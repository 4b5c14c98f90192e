/** Dropbox's own client, for tests of the simulator outside this package: the vendor's opinion, without our driver. */
export { Dropbox, DropboxAuth, DropboxResponse, DropboxResponseError } from 'dropbox'
export type { auth, common, files, sharing, team, users } from 'dropbox'
