/** Microsoft's clouds, each with hosts of its own: https://learn.microsoft.com/graph/deployments. */
export interface Cloud {
  /** Where the API is. */
  readonly graph: string
  /** Where users allow access and tokens are given out. */
  readonly login: string
  /** Whether an item is found as `items/{id}:/{name}:`; otherwise only as `children('{name}')`. */
  readonly findsByPath: boolean
  /** Whether there is a list of changes, which is also the fast way to list everything. */
  readonly listsChanges: boolean
}

export const regions = ['global', 'us', 'de', 'cn'] as const

export type Region = (typeof regions)[number]

export const clouds: Readonly<Record<Region, Cloud>> = {
  global: {
    graph: 'https://graph.microsoft.com',
    login: 'https://login.microsoftonline.com',
    findsByPath: true,
    listsChanges: true,
  },
  us: {
    graph: 'https://graph.microsoft.us',
    login: 'https://login.microsoftonline.us',
    findsByPath: true,
    listsChanges: true,
  },
  de: {
    graph: 'https://graph.microsoft.de',
    login: 'https://login.microsoftonline.de',
    findsByPath: true,
    listsChanges: true,
  },
  cn: {
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    login: 'https://login.chinacloudapi.cn',
    findsByPath: false,
    listsChanges: false,
  },
}
