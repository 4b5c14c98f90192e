// Source: Microsoft Graph, "National cloud deployments"; the hosts of content are those seen in its documentation.

export interface Cloud {
  readonly graph: string
  /** What tokens for it are meant for. */
  readonly resource: string
  /** Where business drives and their contents are. */
  readonly sharepoint: string
  /** 21Vianet's has no delta of drives, and does not take a path after the id of an item. */
  readonly limited: boolean
}

const cloud = (graph: string, sharepoint: string, limited = false): Cloud => ({
  graph,
  resource: `https://${graph}`,
  sharepoint: `contoso-my.${sharepoint}`,
  limited,
})

export const worldwide = cloud('graph.microsoft.com', 'sharepoint.com')

const clouds: readonly Cloud[] = [
  worldwide,
  cloud('graph.microsoft.us', 'sharepoint.us'),
  cloud('graph.microsoft.de', 'sharepoint.de'),
  cloud('microsoftgraph.chinacloudapi.cn', 'sharepoint.cn', true),
]

export const uploadHost = 'sn3302.up.1drv.com'
export const downloadHost = 'b0mpua-by3301.files.1drv.com'
export const monitorHost = 'api.onedrive.com'

/** Every host that is answered here. */
export const contentHosts: readonly string[] = [
  ...clouds.map(({ graph }) => graph),
  ...clouds.map(({ sharepoint }) => sharepoint),
  uploadHost,
  downloadHost,
  monitorHost,
]

export const cloudOfContent = (host: string): Cloud => clouds.find(({ sharepoint }) => sharepoint === host) ?? worldwide

export const cloudOf = (host: string): Cloud | undefined => clouds.find(({ graph }) => graph === host)
