import {
  assemble,
  cached,
  canonicalName,
  classified,
  createPacer,
  joinPath,
  type Layer,
  memory,
  named,
  observed,
  paced,
  retried,
  root,
  segmentOfName,
  type StoragePath,
  timed,
  toWire,
} from '@filegate/core'
import { manualClock } from '../../core/src/testing/manual-clock.ts'
import { describeDriver } from './describe-driver.ts'
import { awkwardNames } from './gallery.ts'
import type { Exception, Harness } from './harness.ts'
import { filesOf } from './memory-harness.ts'
import { nameRuleTitle } from './rules/names.ts'
import { faulty } from './testing/faulty.ts'

interface Setting {
  /** Whether the storage throws errors as vendor libraries do. */
  readonly raw?: boolean
  readonly attempts?: number
  /** How the names that users see stand in the storage. */
  readonly mask?: number
}

/** The storage in memory behind one layer or several; time passes at once. */
function behind(layer: Layer, { raw = false, attempts = 1, mask }: Setting = {}): Harness {
  let files: Parameters<typeof memory>[0] = {}
  let vendor = faulty(memory(), { raw })
  return {
    async seed(seeds) {
      files = filesOf(
        seeds.map((seed) => ({ ...seed, path: mask === undefined ? seed.path : wirePath(mask, seed.path) })),
      )
    },
    async connect() {
      vendor = faulty(memory(files), { raw })
      return layer(vendor.driver)
    },
    control: {
      attempts,
      faults: vendor.control.faults,
      open: () => vendor.control.open?.() ?? 0,
      fail: (fault, times) => vendor.control.fail?.(fault, times),
      requests: () => vendor.control.requests?.() ?? [],
    },
  }
}

function wirePath(mask: number, path: StoragePath): StoragePath {
  return path
    .split('/')
    .reduce<StoragePath>((parent, name) => joinPath(parent, segmentOfName(toWire(mask, name))), root)
}

/** What users cannot see under that very spelling, because the standard form of names has another one. */
const standardForm: readonly Exception[] = awkwardNames
  .filter(({ name }) => canonicalName(name) !== name)
  .map((awkward) => ({ test: nameRuleTitle(awkward), reason: 'users see names in the standard form' }))

const eager = () => manualClock({ eager: true })
const masks = { drive: 16_777_216, s3: 50_331_650, onedrive: 57_386_894 }

describeDriver('classified', behind(classified(), { raw: true }))
describeDriver('timed', behind(timed()))
describeDriver('paced', behind(paced(createPacer({ perSecond: 100_000, burst: 50, concurrency: 8 }))))
describeDriver('retried', behind(retried({ attempts: 4, clock: eager() }), { attempts: 4 }))
describeDriver('observed', behind(observed(() => {})))
describeDriver('cached', behind(cached()))
describeDriver('named for Google Drive', behind(named(masks.drive), { mask: masks.drive }), { except: standardForm })
describeDriver('named for S3', behind(named(masks.s3), { mask: masks.s3 }), { except: standardForm })
describeDriver('named for OneDrive', behind(named(masks.onedrive), { mask: masks.onedrive }), { except: standardForm })

const assembly = {
  mask: masks.onedrive,
  pace: { perSecond: 100_000, burst: 50, concurrency: 8 },
  retries: { attempts: 4, clock: eager() },
  observe: () => {},
  cache: {},
}
describeDriver(
  'the whole assembly',
  behind((driver) => assemble(driver, assembly), { raw: true, attempts: 4, mask: masks.onedrive }),
  { except: standardForm },
)
