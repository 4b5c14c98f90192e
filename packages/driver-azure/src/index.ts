// Two providers in one package, each by its name: `import { azureblob } from '@filegate/driver-azure'`.
export {}
