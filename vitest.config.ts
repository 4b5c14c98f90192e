import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// `import` and `require` come by themselves: said here, they would hold for the other kind of package, too.
const conditions = ['@filegate/source', 'node']

/** Not for real vendors, who may be behind a proxy. */
const setupFiles = ['./test/own-environment.ts']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: 'forks',
    // By itself vitest leaves one core to itself, which of two is half of the machine, and many tests wait most of the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Worker threads and servers that tests start run from source too.
    execArgv: ['--conditions=@filegate/source'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes from other processes, too, on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/simulators/**/*.test.ts',
            'test/live/*.unit.test.ts',
          ],
          setupFiles,
          globalSetup: ['./test/databases/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles,
          // Servers in processes of their own take as long to start as the machine has other things to do.
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'live',
          include: ['test/live/conformance.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 3_600_000,
          // Vendors count requests, and an account is one.
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'servers',
          include: ['test/servers/**/*.test.ts'],
          setupFiles,
          testTimeout: 300_000,
          // Real servers take as long to start as the machine has other things to do.
          hookTimeout: 330_000,
          // Each has the machine for its own servers and browsers.
          fileParallelism: false,
        },
      },
    ],
  },
})
