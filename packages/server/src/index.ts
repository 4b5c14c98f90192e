export { type RunningServer, type StartOptions, startServer } from './start.ts'
export type { LoadDefinition } from './backends/registry.ts'
export { type AccountRule, defaultJournal, defaultSettings, type Feature, features, type Settings } from './settings.ts'
