import { exportFormats, importFormats } from './documents.ts'
import { requiredParameter } from './drive-error.ts'
import { type Answer, type Exchange, show } from './exchange.ts'
import { quotaBytes, userResource } from './file-resource.ts'
import { notesOf, userOf } from './simulation.ts'

export function getAbout({ simulation, caller, query }: Exchange): Answer {
  if ((query.get('fields') ?? '') === '')
    throw requiredParameter('fields', "The 'fields' parameter is required for this method.")
  const { tree } = simulation
  const user = userOf(simulation, caller.email)
  // What one owns counts, wherever it lies; shared drives have no owner.
  const owned = [...tree.items()].filter(({ id }) => notesOf(simulation, id).owner === caller.email)
  const bytesOf = (items: typeof owned): string => String(items.reduce((sum, item) => sum + quotaBytes(item), 0))
  const usage = bytesOf(owned)
  const { total } = tree.quota(user.root)
  return show('about', {
    kind: 'drive#about',
    user: userResource(user, caller.email),
    storageQuota: {
      limit: total === undefined ? undefined : String(total),
      usage,
      usageInDrive: usage,
      usageInDriveTrash: bytesOf(owned.filter(({ id }) => tree.isTrashed(id))),
    },
    exportFormats,
    importFormats,
    maxImportSizes: {
      'application/vnd.google-apps.document': '10485760',
      'application/vnd.google-apps.spreadsheet': '104857600',
      'application/vnd.google-apps.presentation': '104857600',
      'application/vnd.google-apps.drawing': '2097152',
    },
    maxUploadSize: '5242880000000',
    appInstalled: false,
    canCreateDrives: true,
    canCreateTeamDrives: true,
    folderColorPalette: ['#ac725e', '#d06b64', '#8f8f8f'],
    driveThemes: [],
  })
}
