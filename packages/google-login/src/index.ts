/** Logins at Google that the drivers for its services have in common. */
export * from './error-members.ts'
export * from './login-meaning.ts'
export * from './machine-credentials.ts'
