import { StorageError } from '@filegate/core'
import type { Query } from '../http/query.ts'
import { makeDirectory } from './make-directory.ts'
import { putFile } from './put-file.ts'
import { removeEntry } from './remove-entry.ts'
import { rename } from './rename.ts'
import { touch } from './touch.ts'
import { copyTo, moveTo } from './transfer.ts'
import type { Operation, WriteMethod } from './writing.ts'

interface Choice {
  /** The query parameter that asks for it. */
  readonly parameter: string
  readonly isFlag?: boolean
  readonly operation: Operation
}

interface Choices {
  readonly asked: readonly Choice[]
  /** Without one of them. */
  readonly otherwise?: Operation
}

const choices: Readonly<Record<WriteMethod, Choices>> = {
  PUT: {
    asked: [
      { parameter: 'append', isFlag: true, operation: impossible('append', 'no backend adds to a file') },
      { parameter: 'touch', isFlag: true, operation: touch },
    ],
    otherwise: putFile,
  },
  POST: {
    asked: [
      { parameter: 'mkdir', isFlag: true, operation: makeDirectory },
      { parameter: 'move_to', operation: moveTo },
      { parameter: 'copy_to', operation: copyTo },
      {
        parameter: 'restore',
        operation: impossible('restore', 'only what was deleted from the served folder is kept'),
      },
      { parameter: 'extract', operation: impossible('extract', 'archives are unpacked to the served folder only') },
      {
        parameter: 'download_from',
        operation: impossible('download_from', 'downloads go to the served folder only'),
      },
    ],
  },
  PATCH: { asked: [], otherwise: rename },
  DELETE: { asked: [], otherwise: removeEntry },
}

/** Of files on a disk; a backend has nothing like it. */
const diskOnly = ['chmod', 'chown', 'owner'] as const

const everyParameter = Object.values(choices).flatMap(({ asked }) => asked.map(({ parameter }) => parameter))

/** @throws StorageError `InvalidArgument` unless exactly one thing is asked for; `Unsupported` for what no backend can do */
export function chooseOperation(method: WriteMethod, query: Query): Operation {
  const onDisk = diskOnly.find((parameter) => query.has(parameter))
  if (onDisk) throw unsupported(onDisk, 'it keeps neither owners nor permissions')
  const { asked, otherwise } = choices[method]
  const names = asked.map(({ parameter }) => parameter)
  const stray = everyParameter.find((parameter) => query.has(parameter) && !names.includes(parameter))
  if (stray) throw new StorageError('InvalidArgument', `Parameter '${stray}' does not go with ${method}.`)
  const [chosen, ...more] = asked.filter(({ parameter, isFlag }) =>
    isFlag ? query.flag(parameter) : query.has(parameter),
  )
  const operation = chosen?.operation ?? otherwise
  if (operation && more.length === 0) return operation
  const list = names.map((name) => `'${name}'`).join(', ')
  throw new StorageError('InvalidArgument', `${method} takes exactly one of the parameters ${list}.`)
}

function unsupported(parameter: string, why: string): StorageError {
  return new StorageError('Unsupported', `Parameter '${parameter}' does not work on a backend: ${why}.`)
}

function impossible(parameter: string, why: string): Operation {
  return {
    features: [],
    right: 'write',
    run: () => Promise.reject(unsupported(parameter, why)),
  }
}
