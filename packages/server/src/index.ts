export { type RunningServer, startServer } from './start.ts'
export { type AccountRule, defaultSettings, type Feature, features, type Settings } from './settings.ts'
