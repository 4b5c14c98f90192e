import { randomUUID } from 'node:crypto'
import { type Answer, versionHeaders } from './answer.ts'
import type { Scene } from './operations.ts'
import { requiredHeader, type ServiceRequest } from './request.ts'
import { invalidHeader, ServiceError } from './service-error.ts'
import { fileAt, type FileNode } from './tree.ts'

/** Refuses a write to a leased file without the lease's identifier, and one with an identifier when there is no lease. */
export function checkLease(file: FileNode, request: ServiceRequest, header = 'x-ms-lease-id'): void {
  const given = request.header(header)
  const held = file.lease?.state === 'leased' ? file.lease.id : undefined
  if (held === undefined && given !== undefined) throw new ServiceError('LeaseNotPresentWithFileOperation')
  if (held !== undefined && given === undefined) throw new ServiceError('LeaseIdMissing')
  if (held !== undefined && given?.toLowerCase() !== held) throw new ServiceError('LeaseIdMismatchWithFileOperation')
}

/** A file that is being copied to is written by nobody else until the copy has ended. */
export function checkWritable(file: FileNode, request: ServiceRequest, header?: string): void {
  checkLease(file, request, header)
  if (file.copy?.status === 'pending') throw new ServiceError('PendingCopyOperation')
}

type Action = (file: FileNode, request: ServiceRequest) => Answer

/** Leases of files have no end. */
const actions: Readonly<Record<string, Action>> = {
  acquire(file, request) {
    const duration = requiredHeader(request, 'x-ms-lease-duration')
    if (duration !== '-1') throw invalidHeader('x-ms-lease-duration', duration)
    const id = (request.header('x-ms-proposed-lease-id') ?? randomUUID()).toLowerCase()
    if (file.lease?.state === 'leased' && file.lease.id !== id) throw new ServiceError('LeaseAlreadyPresent')
    file.lease = { id, state: 'leased' }
    return { status: 201, headers: { ...versionHeaders(file), 'x-ms-lease-id': id } }
  },
  change(file, request) {
    const proposed = requiredHeader(request, 'x-ms-proposed-lease-id').toLowerCase()
    checkHolder(file, request)
    file.lease = { id: proposed, state: 'leased' }
    return { status: 200, headers: { ...versionHeaders(file), 'x-ms-lease-id': proposed } }
  },
  release(file, request) {
    checkHolder(file, request)
    file.lease = undefined
    return { status: 200, headers: versionHeaders(file) }
  },
  break(file) {
    if (file.lease === undefined) throw new ServiceError('LeaseNotPresentWithLeaseOperation')
    file.lease = { ...file.lease, state: 'broken' }
    return { status: 202, headers: { ...versionHeaders(file), 'x-ms-lease-time': '0' } }
  },
}

function checkHolder(file: FileNode, request: ServiceRequest): void {
  const given = requiredHeader(request, 'x-ms-lease-id').toLowerCase()
  if (file.lease === undefined) throw new ServiceError('LeaseNotPresentWithLeaseOperation')
  if (file.lease.id !== given) throw new ServiceError('LeaseIdMismatchWithLeaseOperation')
}

export function leaseFile({ share, path, request }: Scene): Answer {
  const action = requiredHeader(request, 'x-ms-lease-action')
  const run = Object.hasOwn(actions, action.toLowerCase()) ? actions[action.toLowerCase()] : undefined
  if (run === undefined) throw invalidHeader('x-ms-lease-action', action)
  const file = fileAt(share, path)
  if (file.copy?.status === 'pending') throw new ServiceError('PendingCopyOperation')
  return run(file, request)
}
