/** Logins at Google that the drivers for its services have in common. */
export * from './machine-credentials.ts'
