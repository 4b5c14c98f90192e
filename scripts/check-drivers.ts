// Holds every packages/driver-* folder to one shape. Prints each problem on one line and exits with 1 if there is any.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The providers of a folder, where they are not what its name says. */
const slugsOfFolder: Readonly<Record<string, readonly string[]>> = {
  'driver-azure': ['azureblob', 'azurefiles'],
  'driver-gcs': ['google-cloud-storage'],
  'driver-gdrive': ['drive'],
}

/** Folders whose business is this machine; all others reach files and processes through what core hands them. */
const localFolders: ReadonlySet<string> = new Set(['driver-local'])

const machineModules = /^(?:node:)?(?:fs|fs\/promises|child_process|cluster)$/

/** What drivers stand on; logins at one vendor belong to all drivers for its services. */
const sharedModules: ReadonlySet<string> = new Set(['@filegate/core', '@filegate/google-login'])

/** What a driver needs around it: the suite and the test tools, in tests only. */
const testModules: ReadonlySet<string> = new Set(['vitest', 'fast-check', '@filegate/conformance'])

const requiredFiles = ['README.md', 'package.json', 'tsconfig.json', 'src/index.ts'] as const

interface Source {
  /** Below the driver's folder, with `/`. */
  readonly path: string
  /** Without comments, in which examples may stand. */
  readonly code: string
  /** Tests and what only they use; none of it is published. */
  readonly forTests: boolean
}

interface Driver {
  readonly folder: string
  readonly files: ReadonlySet<string>
  readonly sources: readonly Source[]
  readonly manifest: unknown
}

/** Every problem with the drivers of a repository, one sentence each, in the order of the folders. */
export function checkDrivers(repository: string): string[] {
  const packages = join(repository, 'packages')
  const folders = readdirSync(packages).filter((name) => name.startsWith('driver-'))
  const drivers = folders.sort().map((folder) => readDriver(packages, folder))
  const built = textOf(join(repository, 'tsconfig.json'))
  return [
    ...drivers.flatMap((driver) => checkDriver(driver).map((problem) => `${driver.folder}: ${problem}`)),
    ...folders
      .filter((folder) => !built.includes(`"packages/${folder}"`))
      .map((folder) => `${folder}: the tsconfig.json of the repository has no reference to it, so it is not built`),
    ...sharedSlugs(drivers),
  ]
}

const checks: readonly ((driver: Driver) => readonly string[])[] = [
  checkFiles,
  checkManifest,
  checkConformance,
  checkImports,
  checkGlobals,
  checkSlugs,
]

const checkDriver = (driver: Driver): string[] => checks.flatMap((check) => check(driver))

function readDriver(packages: string, folder: string): Driver {
  const root = join(packages, folder)
  const files = existsSync(root) ? filesBelow(root, '') : []
  const sources = files.filter((path) => path.startsWith('src/') && /\.[cm]?[jt]s$/.test(path))
  return {
    folder,
    files: new Set(files),
    sources: sources.map((path) => ({
      path,
      code: withoutComments(textOf(join(root, path))),
      forTests: /\.test\.ts$|(?:^|\/)testing\//.test(path),
    })),
    manifest: parsed(textOf(join(root, 'package.json'))),
  }
}

function filesBelow(root: string, below: string): string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(below, entry.name)
    if (!entry.isDirectory()) return [path]
    return entry.name === 'node_modules' || entry.name === 'dist' ? [] : filesBelow(root, path)
  })
}

function checkFiles({ files }: Driver): string[] {
  return requiredFiles.filter((path) => !files.has(path)).map((path) => `${path} is missing`)
}

function checkManifest({ folder, manifest }: Driver): string[] {
  if (manifest === undefined) return ['package.json is no JSON']
  const source = member(manifest, 'exports', '.')
  const published = member(manifest, 'files')
  const expected: readonly (readonly [string, unknown, unknown])[] = [
    ['name', member(manifest, 'name'), `@filegate/${folder}`],
    ['type', member(manifest, 'type'), 'module'],
    ['license', member(manifest, 'license'), 'MIT'],
    ['exports["."]["@filegate/source"]', member(source, '@filegate/source'), './src/index.ts'],
    ['exports["."].types', member(source, 'types'), './dist/index.d.ts'],
    ['exports["."].default', member(source, 'default'), './dist/index.js'],
    ['dependencies["@filegate/core"]', member(manifest, 'dependencies', '@filegate/core'), 'workspace:*'],
  ]
  return [
    ...expected
      .filter(([, value, wanted]) => value !== wanted)
      .map(([field, , wanted]) => `package.json: ${field} has to be ${JSON.stringify(wanted)}`),
    ...['version', 'description']
      .filter((field) => typeof member(manifest, field) !== 'string')
      .map((field) => `package.json: ${field} is missing`),
    // Node takes the first condition that holds, and `default` always does.
    ...(keysOf(source)[0] === '@filegate/source'
      ? []
      : ['package.json: "@filegate/source" has to come first in exports']),
    ...['dist', 'README.md']
      .filter((file) => !(Array.isArray(published) && published.includes(file)))
      .map((file) => `package.json: files has to hold ${JSON.stringify(file)}`),
    ...looseVersions(manifest),
  ]
}

/** Versions are pinned; only packages of this workspace follow whatever is there. */
function looseVersions(manifest: unknown): string[] {
  return ['dependencies', 'devDependencies'].flatMap((field) =>
    keysOf(member(manifest, field))
      .filter((name) => !/^(?:\d+\.\d+\.\d+\S*|workspace:\*)$/.test(String(member(manifest, field, name))))
      .map((name) => `package.json: the version of ${name} is not pinned`),
  )
}

function checkConformance({ sources }: Driver): string[] {
  const suites = sources.filter(({ path, code }) => path.endsWith('.test.ts') && /\bdescribeDriver\(/.test(code))
  return suites.length > 0 ? [] : ['no test in src calls describeDriver']
}

function checkImports(driver: Driver): string[] {
  return driver.sources.flatMap((source) =>
    importsOf(source.code).flatMap((name) => {
      const problem = problemOfImport(driver, source, name)
      return problem ? [`${source.path}: ${problem}`] : []
    }),
  )
}

/** The one file of a driver that may look at the machine: for what whoever connects has lent (decision 7). */
const lentFile = 'machine-credentials.ts'

function problemOfImport({ folder, manifest }: Driver, { path, forTests }: Source, name: string): string | undefined {
  if (name.startsWith('.')) {
    const inside = posix.join(posix.dirname(path), name).startsWith('src/')
    return inside || forTests ? undefined : `imports ${name}, which lies outside of src`
  }
  if (isBuiltin(name)) {
    const isLent = posix.basename(path) === lentFile
    const closed = machineModules.test(name) && !localFolders.has(folder) && !forTests && !isLent
    return closed ? `imports ${name}, which only driver-local may` : undefined
  }
  const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/')
  if (sharedModules.has(packageName)) return undefined
  if (forTests && testModules.has(packageName)) return undefined
  if (packageName.startsWith('@filegate/')) return `imports ${packageName}; a driver may import @filegate/core only`
  const owned = [
    ...keysOf(member(manifest, 'dependencies')),
    ...(forTests ? keysOf(member(manifest, 'devDependencies')) : []),
  ]
  return owned.includes(packageName) ? undefined : `imports ${packageName}, which package.json does not list`
}

/** The module names behind `import`, `export ... from`, `import()` and `require()`. */
function importsOf(code: string): string[] {
  const forms = [
    /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g,
  ]
  return forms.flatMap((form) => [...code.matchAll(form)].map(([, name = '']) => name))
}

const globals: readonly (readonly [RegExp, string])[] = [
  [/\bconsole\s*\./, 'console (a driver tells the log that connect was given)'],
  [/\bprocess\s*\.\s*env\b|\bimport\.meta\.env\b/, 'process.env (settings come in as options)'],
]

function checkGlobals({ sources }: Driver): string[] {
  return sources
    .filter(({ path, forTests }) => !forTests && !['client.ts', lentFile].includes(posix.basename(path)))
    .flatMap(({ path, code }) =>
      globals.filter(([pattern]) => pattern.test(code)).map(([, what]) => `${path}: uses ${what}`),
    )
}

const allowedSlugs = (folder: string): readonly string[] => slugsOfFolder[folder] ?? [folder.replace(/^driver-/, '')]

const slugsOf = ({ sources }: Driver): string[] =>
  sources
    .filter(({ forTests }) => !forTests)
    .flatMap(({ code }) => [...code.matchAll(/\b(?:slug|provider):\s*'([^']*)'/g)].map(([, slug = '']) => slug))

function checkSlugs(driver: Driver): string[] {
  const allowed = allowedSlugs(driver.folder)
  const found = new Set(slugsOf(driver))
  return [
    ...[...found]
      .filter((slug) => !allowed.includes(slug))
      .map((slug) => `the provider '${slug}' has no place in this folder`),
    ...allowed.filter((slug) => !found.has(slug)).map((slug) => `no source says that the provider is '${slug}'`),
  ]
}

function sharedSlugs(drivers: readonly Driver[]): string[] {
  const owners = new Map<string, string>()
  return drivers.flatMap((driver) =>
    [...new Set(slugsOf(driver))].flatMap((slug) => {
      const owner = owners.get(slug)
      owners.set(slug, owner ?? driver.folder)
      return owner ? [`${driver.folder}: the provider '${slug}' is that of ${owner} already`] : []
    }),
  )
}

const withoutComments = (code: string): string => code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function member(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    value,
  )
}

const keysOf = (value: unknown): string[] => (typeof value === 'object' && value !== null ? Object.keys(value) : [])

if (import.meta.main) {
  const problems = checkDrivers(fileURLToPath(new URL('..', import.meta.url)))
  for (const problem of problems) console.error(problem)
  process.exitCode = problems.length > 0 ? 1 : 0
}
