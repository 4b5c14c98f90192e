import { createPublicKey, X509Certificate } from 'node:crypto'
import type { Application } from './directory.ts'
import { EntraError } from './entra-error.ts'
import { isCurrent, isSignedBy, readToken, type Token } from './json-web-token.ts'

// Source: Microsoft identity platform application authentication certificate credentials; RFC 7523.

/** @param audiences what the assertion may be meant for: the token endpoint as clients find it */
export function checkAssertion(text: string, application: Application, audiences: readonly string[]): void {
  const token = readToken(text)
  if (token === undefined) throw new EntraError(5002730, 'The token is not well formed.')
  const federated = token.header.x5t === undefined && token.header['x5t#S256'] === undefined
  if (federated) return checkFederated(token, application)
  checkCertificate(token, application)
  if (!isCurrent(token)) throw new EntraError(700024)
  const { aud, iss, sub } = token.claims
  if (typeof aud !== 'string' || !audiences.includes(aud)) throw new EntraError(700023)
  if (iss !== application.clientId || sub !== application.clientId)
    throw new EntraError(5002730, 'Issuer and subject must be the application.')
}

function checkCertificate(token: Token, application: Application): void {
  const { x5t, 'x5t#S256': x5tS256, x5c } = token.header
  const given = String(x5tS256 ?? x5t)
  const thumbprint = Buffer.from(given, 'base64url').toString('hex').toUpperCase()
  const registered = (application.certificates ?? []).map((pem) => new X509Certificate(pem))
  const certificate = registered.find(
    ({ fingerprint, fingerprint256 }) => plain(x5tS256 === undefined ? fingerprint : fingerprint256) === thumbprint,
  )
  if (certificate === undefined) throw new EntraError(700027, 'The key was not found.', thumbprint)
  if (Date.parse(certificate.validTo) < Date.now()) throw new EntraError(700027, 'The key used is expired.', thumbprint)
  const chain: readonly unknown[] = Array.isArray(x5c) ? x5c : []
  if (application.needsChain && chain[0] !== certificate.raw.toString('base64'))
    throw new EntraError(700027, 'The chain of the certificate was not sent.', thumbprint)
  if (!isSignedBy(token, certificate.publicKey))
    throw new EntraError(700027, 'Client assertion failed signature validation.', thumbprint)
}

const plain = (fingerprint: string): string => fingerprint.replaceAll(':', '')

function checkFederated(token: Token, { federated }: Application): void {
  const { iss, sub, aud } = token.claims
  if (federated === undefined || iss !== federated.issuer || sub !== federated.subject)
    throw new EntraError(700213, String(sub))
  if (aud !== 'api://AzureADTokenExchange') throw new EntraError(700023)
  if (!isCurrent(token)) throw new EntraError(700024)
  if (!isSignedBy(token, createPublicKey(federated.publicKey)))
    throw new EntraError(5002730, 'Signature verification failed.')
}
