const reading = ['storage.objects.get', 'storage.objects.list']
const changing = [...reading, 'storage.objects.create', 'storage.objects.delete', 'storage.objects.update']

/** cloud.google.com/storage/docs/access-control/iam-roles, as far as this simulator knows what they permit. */
const roles: Readonly<Record<string, readonly string[]>> = {
  'roles/storage.objectViewer': reading,
  'roles/storage.objectCreator': ['storage.objects.create'],
  'roles/storage.objectUser': changing,
  'roles/storage.objectAdmin': [...changing, 'storage.objects.getIamPolicy', 'storage.objects.setIamPolicy'],
  'roles/storage.admin': ['storage.'],
  'roles/storage.legacyBucketReader': ['storage.buckets.get', 'storage.objects.list'],
  'roles/storage.legacyBucketWriter': [
    'storage.buckets.get',
    'storage.objects.list',
    'storage.objects.create',
    'storage.objects.delete',
  ],
  'roles/storage.legacyBucketOwner': [
    'storage.buckets.',
    'storage.objects.list',
    'storage.objects.create',
    'storage.objects.delete',
  ],
  'roles/storage.legacyObjectReader': ['storage.objects.get'],
  'roles/storage.legacyObjectOwner': [
    'storage.objects.get',
    'storage.objects.update',
    'storage.objects.getIamPolicy',
    'storage.objects.setIamPolicy',
  ],
}

const covers = (held: string, permission: string): boolean =>
  held.endsWith('.') ? permission.startsWith(held) : held === permission

export const isRole = (role: string): boolean => role in roles

export const permissionsOfRole = (role: string, permission: string): boolean =>
  (roles[role] ?? []).some((held) => covers(held, permission))

const prefix = 'https://www.googleapis.com/auth/'
const onlyRead = ['storage.objects.get', 'storage.objects.list', 'storage.buckets.get', 'storage.buckets.list']

/** Whether a token of that scope reaches so far; cloud.google.com/storage/docs/oauth-scopes */
export function permissionsOfScope(scope: string, permission: string): boolean {
  switch (scope) {
    case `${prefix}cloud-platform`:
    case `${prefix}devstorage.full_control`:
      return true
    case `${prefix}devstorage.read_write`:
      return !permission.endsWith('IamPolicy')
    case `${prefix}devstorage.read_only`:
    case `${prefix}cloud-platform.read-only`:
      return onlyRead.includes(permission)
    default:
      return false
  }
}
