import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { selfSigned } from '../../e2e/self-signed.ts'
import { addressOf } from '../fault-proxy.ts'
import type { TokenCheck } from './authorize.ts'
import { checkShareName } from './names.ts'
import { type Refusal, type SeenRequest, serve, type Service } from './serve.ts'
import { createShare } from './tree.ts'
import { patient } from '../patient.ts'

export interface AzureFilesOptions {
  /** Name of the storage account. */
  readonly account?: string
  /** Its key, in Base64. Made anew unless given. */
  readonly key?: string
  /** Shares that are there from the start. */
  readonly shares?: readonly string[]
  /** Speaks HTTPS, with a certificate that signs itself. Tokens are taken over HTTPS only. */
  readonly tls?: boolean
  /** Judges the tokens of Microsoft Entra ID. Without it all are refused. */
  readonly checkToken?: TokenCheck
  /** How often the state of a copy must be asked for until it has ended. The default 0 ends it at once. */
  readonly copyDelay?: number
}

export interface AzureFiles {
  /** `http://127.0.0.1:PORT/ACCOUNT`; the same without the account works as well. */
  readonly endpoint: string
  readonly account: string
  readonly key: string
  /** What to trust, in PEM; with `tls` only. */
  readonly certificate: string | undefined
  /** All that have been answered, in order. */
  readonly requests: readonly SeenRequest[]
  /** Refuses so many of the next requests; by default as ServerBusy, which is how the service throttles. */
  refuse(times: number, refusal?: Refusal): void
  close(): Promise<void>
}

/** A simulator of the REST service of Azure Files, in memory, on a free port of loopback. */
export async function startAzureFiles(options: AzureFilesOptions = {}): Promise<AzureFiles> {
  const { account = 'filegatetests', key = randomBytes(64).toString('base64'), tls = false } = options
  const service: Service = {
    signer: { account, key },
    account: new Map((options.shares ?? []).map((name) => [checkShareName(name), createShare(name)])),
    secure: tls,
    refusals: [],
    checkToken: options.checkToken ?? (() => 'This account takes no tokens.'),
    copyDelay: options.copyDelay ?? 0,
  }
  const requests: SeenRequest[] = []
  const listener: RequestListener = (incoming, outgoing) => {
    serve(service, incoming, outgoing, (request) => requests.push(request)).catch(() => outgoing.destroy())
  }
  const identity = tls ? selfSigned() : undefined
  const server = identity
    ? createSecureServer({ key: identity.key, cert: identity.certificate, ...patient }, listener)
    : createServer(patient, listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    endpoint: `${tls ? 'https' : 'http'}://127.0.0.1:${addressOf(server).port}/${account}`,
    account,
    key,
    certificate: identity?.certificate,
    requests,
    refuse: (times, refusal = {}) => void service.refusals.push({ ...refusal, left: times }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
