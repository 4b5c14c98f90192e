// Two providers in one package, each by its name: `import { azureblob } from '@filegate/driver-azure'`.
export { default as azureblob } from './blob/index.ts'
export { default as azurefiles } from './files/index.ts'
