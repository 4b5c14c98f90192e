import {
  type ConnectContext,
  fromTree,
  type HashOptions,
  type StorageDriver,
  StorageError,
  type TreePlace,
  type TreeSource,
} from '@filegate/core'
import { authorizedFetch, oauthLogin } from '@filegate/core/oauth'
import { changesSince, hasFeed, notePlace, noteWay } from './changes.ts'
import { moveItem, removeItem, setModified } from './change-item.ts'
import { childOf, childrenOf, descendantOf } from './children.ts'
import { clouds } from './clouds.ts'
import type { Connection } from './connection.ts'
import { acrossOf } from './copy-across.ts'
import { copyItem } from './copy-item.ts'
import { classify } from './errors.ts'
import { findDrive, usageOf } from './find-drive.ts'
import { createGraph } from './graph.ts'
import { algorithmsOf } from './hashes.ts'
import type { OneDriveItem } from './item.ts'
import { linkTo } from './link.ts'
import { makeDirectory } from './make-directory.ts'
import { oauthFlow } from './oauth-flow.ts'
import { factsOf, openFile } from './open.ts'
import type { OneDriveOptions } from './options.ts'
import { createFile, updateFile } from './upload.ts'
import { permissionsReader } from './permissions.ts'
import { createPlaces } from './places.ts'
import { signedFetch } from './signed-fetch.ts'
import { revisionsOf } from './versions.ts'
import { walkerOf } from './walk.ts'

/** Connects to a drive and proves that the login reaches it. */
export async function connectOneDrive(options: OneDriveOptions, context: ConnectContext): Promise<StorageDriver> {
  const { fetch, log, signal } = context
  const cloud = clouds[options.region]
  const login = oauthLogin(oauthFlow, options, context)
  const library = await import('@microsoft/microsoft-graph-client')
  const graph = createGraph(library, { origin: cloud.graph, send: authorizedFetch(login, fetch) })
  if (options.region === 'de') log.warn('The German cloud of Microsoft was closed in 2021; it may not answer.')
  const drive = await findDrive({ graph, options, signal })
  return fromTree(sourceOf({ graph, fetch: signedFetch(fetch), cloud, options, drive, log }))
}

function sourceOf(connection: Connection): TreeSource<OneDriveItem> {
  const { options, drive } = connection
  const feed = { ...connection, places: createPlaces() }
  const noted = async (place: TreePlace, answer: Promise<OneDriveItem>): Promise<OneDriveItem> => {
    const item = await answer
    notePlace(feed, place, item)
    return item
  }
  return {
    provider: 'onedrive',
    traits: {
      ranges: 'native',
      directories: 'real',
      caseSensitive: false,
      hashes: algorithmsOf(options),
      modifiedPrecision: drive.type === 'personal' ? 1 : 1000,
      conditions: ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'],
    },
    root: drive.root,
    classify,
    async children(directory, asked) {
      const page = await childrenOf(connection, directory, asked)
      for (const item of page.items) notePlace(feed, { directory, name: item.facts.name }, item)
      return page
    },
    async child(place, asked) {
      const items = await childOf(connection, place, asked)
      for (const item of items) notePlace(feed, { ...place, name: item.facts.name }, item)
      return items
    },
    ...(connection.cloud.findsByPath && {
      async at(way, asked) {
        const item = await descendantOf(connection, way, asked)
        if (item) noteWay(feed, item)
        return item
      },
    }),
    ...(options.delta && { walk: walkerOf(connection) }),
    metadata: permissionsReader(connection),
    open: (file, asked) => openFile(connection, file, asked),
    create: (place, asked) => noted(place, createFile(connection, place, asked)),
    update: (file, asked) => updateFile(connection, file, asked),
    createDirectory: (place, asked) => noted(place, makeDirectory(connection, place, asked)),
    remove: (item, asked) => removeItem(connection, item, asked),
    move: (item, place, asked) => noted(place, moveItem(connection, item, place, asked)),
    copy: (item, place, asked) => noted(place, copyItem(connection, item, place, asked)),
    across: acrossOf(connection, noted),
    setModified: (item, asked) => setModified(connection, item, asked),
    hash: hashOf,
    revisions: (file, asked) => revisionsOf(connection, file, asked),
    publicLink: (file, asked) => linkTo(connection, file, asked),
    ...(hasFeed(connection) && { changes: (cursor, asked) => changesSince(feed, cursor, asked) }),
    about: (asked) => usageOf(connection, asked),
  }
}

async function hashOf(file: OneDriveItem, { algorithm }: HashOptions): Promise<string> {
  const digest = factsOf(file).hashes?.[algorithm]
  if (digest !== undefined) return digest
  throw new StorageError('Unsupported', `OneDrive does not tell the ${algorithm} of this file.`)
}
