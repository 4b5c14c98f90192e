import { collectBytes, type DriverWith, parsePath, type ReadOptions, requireMethods, streamBytes } from '@filegate/core'
import type { WriteOptions } from '@filegate/core'
import type { SimulatedDropbox } from './simulated-dropbox.ts'

/** A driver with everything that this one can do. */
export type Full = DriverWith<
  | 'walk'
  | 'hash'
  | 'revisions'
  | 'write'
  | 'remove'
  | 'makeDirectory'
  | 'copy'
  | 'move'
  | 'about'
  | 'publicLink'
  | 'close'
>

export async function connectFull(
  service: SimulatedDropbox,
  ...given: Parameters<SimulatedDropbox['connect']>
): Promise<Full> {
  return requireMethods(
    await service.connect(...given),
    'walk',
    'hash',
    'revisions',
    'write',
    'remove',
    'makeDirectory',
    'copy',
    'move',
    'about',
    'publicLink',
    'close',
  )
}

/** Writes without telling the size, as a caller does who does not know it. */
export const put = (
  driver: DriverWith<'write'>,
  path: string,
  content: string | Uint8Array = 'content',
  options: Omit<WriteOptions, 'body'> = {},
) => driver.write(parsePath(path), { body: streamBytes(Buffer.from(content)), ...options })

export async function textAt(
  driver: Pick<DriverWith<'write'>, 'read'>,
  path: string,
  options?: ReadOptions,
): Promise<string> {
  const { body } = await driver.read(parsePath(path), options)
  return Buffer.from(await collectBytes(body)).toString()
}
