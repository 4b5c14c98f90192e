import { type Answer, metadataHeaders, versionHeaders } from './answer.ts'
import { httpDate, now } from './file-time.ts'
import { checkShareName } from './names.ts'
import type { Scene } from './operations.ts'
import { pageOf } from './paging.ts'
import { metadataOf } from './request.ts'
import { invalidHeader, ServiceError } from './service-error.ts'
import { createShare, type DirectoryNode, type Share, tagOf } from './tree.ts'
import { element, type Xml, xmlDocument } from './xml.ts'

const largestQuota = 262_144

export function createNewShare({ account, request, shareName }: Scene): Answer {
  const name = checkShareName(shareName)
  if (account.has(name)) throw new ServiceError('ShareAlreadyExists')
  const share = createShare(name)
  applySettings({ request }, share)
  share.metadata = metadataOf(request) ?? {}
  account.set(name, share)
  return { status: 201, headers: versionHeaders(share) }
}

export const getShare = ({ share }: Scene): Answer => ({
  status: 200,
  headers: {
    ...versionHeaders(share),
    ...metadataHeaders(share.metadata),
    'x-ms-share-quota': String(share.quota),
    'x-ms-access-tier': share.accessTier,
    'x-ms-access-tier-change-time': httpDate(share.modified),
    'x-ms-has-immutability-policy': 'false',
    'x-ms-has-legal-hold': 'false',
    'x-ms-lease-state': 'available',
    'x-ms-lease-status': 'unlocked',
  },
})

export function deleteShare({ account, share }: Scene): Answer {
  account.delete(share.name)
  return { status: 202 }
}

export function setShareMetadata({ share, request }: Scene): Answer {
  share.metadata = metadataOf(request) ?? {}
  share.modified = now()
  return { status: 200, headers: versionHeaders(share) }
}

export function setShareProperties({ share, request }: Scene): Answer {
  applySettings({ request }, share)
  share.modified = now()
  return { status: 200, headers: versionHeaders(share) }
}

function applySettings({ request }: Pick<Scene, 'request'>, share: Share): void {
  const quota = request.header('x-ms-share-quota')
  if (quota !== undefined) {
    const size = /^\d+$/.test(quota) ? Number(quota) : 0
    if (size < 1 || size > largestQuota) throw invalidHeader('x-ms-share-quota', quota)
    share.quota = size
  }
  const tier = request.header('x-ms-access-tier')
  if (tier !== undefined && !/^(?:TransactionOptimized|Hot|Cool)$/.test(tier))
    throw invalidHeader('x-ms-access-tier', tier)
  share.accessTier = tier ?? share.accessTier
}

export function getShareStatistics({ share }: Scene): Answer {
  const usage = element('ShareUsageBytes', usedBytes(share.root))
  return xmlAnswer(element('ShareStats', [usage]), versionHeaders(share))
}

const usedBytes = (directory: DirectoryNode): number =>
  [...directory.entries.values()].reduce(
    (sum, entry) => sum + (entry.kind === 'directory' ? usedBytes(entry) : entry.content.size),
    0,
  )

export function listShares({ account, request, signer }: Scene): Answer {
  const prefix = request.parameter('prefix')
  const matching = [...account.values()].filter(({ name }) => name.startsWith(prefix ?? ''))
  const page = pageOf(matching, (share) => share.name, request)
  const withMetadata = (request.parameter('include') ?? '').split(',').includes('metadata')
  const shares = page.entries.map((share) => shareElement(share, withMetadata))
  const root = element('EnumerationResults', [...page.echo, element('Shares', shares), page.next], {
    ServiceEndpoint: `https://${signer.account}.file.core.windows.net/`,
  })
  return xmlAnswer(root)
}

function shareElement(share: Share, withMetadata: boolean): Xml {
  const properties = [
    element('Last-Modified', httpDate(share.modified)),
    element('Etag', tagOf(share)),
    element('Quota', share.quota),
    element('AccessTier', share.accessTier),
    element('LeaseStatus', 'unlocked'),
    element('LeaseState', 'available'),
  ]
  const metadata = Object.entries(share.metadata).map(([name, value]) => element(name, value))
  return element('Share', [
    element('Name', share.name),
    element('Properties', properties),
    ...(withMetadata ? [element('Metadata', metadata)] : []),
  ])
}

export function xmlAnswer(root: Xml, headers: Readonly<Record<string, string>> = {}, status = 200): Answer {
  const document = xmlDocument(root)
  const described = { 'Content-Type': 'application/xml', ...headers }
  return { status, headers: described, body: [document], length: document.length }
}
