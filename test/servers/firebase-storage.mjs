// The storage emulator of firebase-tools in this process, without Java, rules or downloads: node firebase-storage.mjs FOLDER PORT
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [, , folder = '', port = '0'] = process.argv
const load = createRequire(join(folder, 'node_modules/firebase-tools/package.json'))
const { StorageEmulator } = load('./lib/emulator/storage')
const { EmulatorRegistry } = load('./lib/emulator/registry')
const { createApp } = load('./lib/emulator/storage/server')

const everything =
  "rules_version='2'; service firebase.storage { match /b/{b}/o { match /{a=**} { allow read, write; } } }"
const emulator = new StorageEmulator({
  projectId: 'demo-filegate',
  host: '127.0.0.1',
  port: Number(port),
  rules: { name: 'storage.rules', content: everything },
})
emulator.start = async () => {
  const app = await createApp('demo-filegate', emulator)
  await new Promise((resolve) => app.listen(Number(port), '127.0.0.1', resolve))
}
emulator.connect = async () => {}
await EmulatorRegistry.start(emulator)
