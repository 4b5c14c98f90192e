import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkDrivers } from './check-drivers.ts'

let repository: string

beforeEach(() => {
  repository = mkdtempSync(join(tmpdir(), 'check-drivers-'))
  put('tsconfig.json', '{ "references": [{ "path": "packages/driver-shelf" }] }')
  put('packages/driver-shelf/README.md', '# shelf')
  put('packages/driver-shelf/tsconfig.json', '{}')
  putManifest({})
  put('packages/driver-shelf/src/index.ts', "import { x } from './x.ts'\nexport default { slug: 'shelf' }\n")
  put(
    'packages/driver-shelf/src/conformance.test.ts',
    "import { describeDriver } from '@filegate/conformance'\ndescribeDriver()\n",
  )
})

afterEach(() => rmSync(repository, { recursive: true }))

function put(path: string, text: string): void {
  const absolute = join(repository, path)
  mkdirSync(dirname(absolute), { recursive: true })
  writeFileSync(absolute, text)
}

const putSource = (path: string, text: string): void => put(`packages/driver-shelf/src/${path}`, text)

function putManifest(changes: Record<string, unknown>): void {
  const manifest = {
    name: '@filegate/driver-shelf',
    version: '0.1.0',
    description: 'filegate driver for Shelf',
    license: 'MIT',
    type: 'module',
    exports: {
      '.': { '@filegate/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
    },
    files: ['dist', 'README.md'],
    dependencies: { '@filegate/core': 'workspace:*', 'shelf-sdk': '1.2.3', '@shelf/auth': '2.0.0' },
    ...changes,
  }
  put('packages/driver-shelf/package.json', JSON.stringify(manifest))
}

const problems = (): string[] => checkDrivers(repository)

describe('the check of driver packages', () => {
  it('finds nothing wrong with a driver of the right shape', () => {
    expect(problems()).toEqual([])
  })

  it('does not look at packages that are no drivers', () => {
    put('packages/server/src/index.ts', 'console.log(process.env)')
    expect(problems()).toEqual([])
  })

  it('misses required files', () => {
    rmSync(join(repository, 'packages/driver-shelf/README.md'))
    expect(problems()).toEqual(['driver-shelf: README.md is missing'])
  })

  it('tells of an empty folder all that is missing, without failing itself', () => {
    mkdirSync(join(repository, 'packages/driver-void'))
    expect(problems().length).toBeGreaterThan(4)
  })

  it('wants a test that runs the conformance suite', () => {
    putSource('conformance.test.ts', '// describeDriver()\n')
    expect(problems()).toEqual(['driver-shelf: no test in src calls describeDriver'])
  })

  it.each([
    [{ name: '@filegate/shelf' }, 'package.json: name has to be "@filegate/driver-shelf"'],
    [{ type: 'commonjs' }, 'package.json: type has to be "module"'],
    [{ license: undefined }, 'package.json: license has to be "MIT"'],
    [{ description: undefined }, 'package.json: description is missing'],
    [{ files: ['dist'] }, 'package.json: files has to hold "README.md"'],
    [{ dependencies: {} }, 'package.json: dependencies["@filegate/core"] has to be "workspace:*"'],
    [
      { dependencies: { '@filegate/core': 'workspace:*', 'shelf-sdk': '^1.2.3' } },
      'package.json: the version of shelf-sdk is not pinned',
    ],
    [
      {
        exports: {
          '.': { types: './dist/index.d.ts', default: './dist/index.js', '@filegate/source': './src/index.ts' },
        },
      },
      'package.json: "@filegate/source" has to come first in exports',
    ],
  ])('refuses the manifest with %j', (changes, problem) => {
    putManifest(changes)
    expect(problems()).toEqual([`driver-shelf: ${problem}`])
  })

  it('refuses a manifest that is no JSON', () => {
    put('packages/driver-shelf/package.json', '{')
    expect(problems()).toContain('driver-shelf: package.json is no JSON')
  })

  it.each([
    ["import { S } from '@filegate/driver-s3'", 'imports @filegate/driver-s3; a driver may import @filegate/core only'],
    ["export * from '@filegate/server/views'", 'imports @filegate/server; a driver may import @filegate/core only'],
    ["import {\n  a,\n  b,\n} from 'lodash'", 'imports lodash, which package.json does not list'],
    ["const sdk = await import('other-sdk')", 'imports other-sdk, which package.json does not list'],
    ["import { readFileSync } from 'node:fs'", 'imports node:fs, which only driver-local may'],
    ["import { readFile } from 'fs/promises'", 'imports fs/promises, which only driver-local may'],
    ["import { x } from '../../driver-s3/src/x.ts'", 'imports ../../driver-s3/src/x.ts, which lies outside of src'],
    [
      "import { describeDriver } from '@filegate/conformance'",
      'imports @filegate/conformance; a driver may import @filegate/core only',
    ],
  ])('refuses %j', (code, problem) => {
    putSource('extra.ts', `${code}\n`)
    expect(problems()).toEqual([`driver-shelf: src/extra.ts: ${problem}`])
  })

  it('allows its own SDK, core, and what Node has for computing', () => {
    putSource(
      'extra.ts',
      "import sdk from 'shelf-sdk'\nimport type { T } from '@shelf/auth/types'\nimport { a } from '@filegate/core'\nimport { createHash } from 'node:crypto'\nconst b = await import('shelf-sdk/deep')\n",
    )
    expect(problems()).toEqual([])
  })

  it('does not mind examples in comments', () => {
    putSource(
      'extra.ts',
      "/** import x from 'lodash'; console.log(x) */\n// import y from 'ramda'\nexport const z = 1\n",
    )
    expect(problems()).toEqual([])
  })

  it.each([
    ["console.log('x')", 'uses console (a driver tells the log that connect was given)'],
    ['const key = process.env.SHELF_KEY', 'uses process.env (settings come in as options)'],
  ])('refuses %j in sources, but not in client.ts and in tests', (code, problem) => {
    putSource('client.ts', code)
    putSource('client.test.ts', code)
    putSource('testing/server.ts', code)
    expect(problems()).toEqual([])
    putSource('driver.ts', code)
    expect(problems()).toEqual([`driver-shelf: src/driver.ts: ${problem}`])
  })

  it('lets machine-credentials.ts look at the machine', () => {
    putSource(
      'machine-credentials.ts',
      "import { readFile } from 'node:fs/promises'\nconst key = process.env.SHELF_KEY",
    )
    expect(problems()).toEqual([])
  })

  it('wants the provider that the folder is named for', () => {
    putSource('index.ts', "export default { slug: 'drawer' }\n")
    expect(problems()).toEqual([
      "driver-shelf: the provider 'drawer' has no place in this folder",
      "driver-shelf: no source says that the provider is 'shelf'",
    ])
  })

  it('wants each driver to be built', () => {
    put('tsconfig.json', '{ "references": [] }')
    expect(problems()).toEqual([
      'driver-shelf: the tsconfig.json of the repository has no reference to it, so it is not built',
    ])
  })
})
