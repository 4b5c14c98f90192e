import type { View } from './view.ts'

/** How a view is asked for. Its module is loaded when it is first asked for: most servers never need most of them. */
export interface SelectableView {
  /** Query parameters that select it: its name and aliases. */
  readonly parameters: readonly [string, ...string[]]
  /** The parameter carries a value (`grep=pattern`) and selects by being there; otherwise it is a flag that can be off. */
  readonly valued?: boolean
  load(): Promise<View>
}

/** Every view that a query parameter selects. Adding one is its file and its line here. */
export const views: readonly SelectableView[] = [
  { parameters: ['base64'], load: async () => (await import('./base64.ts')).base64 },
  { parameters: ['edit'], load: async () => (await import('./edit-page.ts')).editPage },
  { parameters: ['glob'], valued: true, load: async () => (await import('./glob.ts')).glob },
  { parameters: ['grep'], valued: true, load: async () => (await import('./grep.ts')).grep },
  { parameters: ['hash', 'sha256'], load: async () => (await import('./hash.ts')).hash },
  { parameters: ['json', 'simple'], load: async () => (await import('./listing.ts')).listing },
  { parameters: ['lines'], valued: true, load: async () => (await import('./lines.ts')).lines },
  { parameters: ['preview', 'contents'], valued: true, load: async () => (await import('./preview.ts')).preview },
  { parameters: ['stat'], load: async () => (await import('./stat.ts')).stat },
  { parameters: ['thumbnail'], load: async () => (await import('./thumbnail.ts')).thumbnail },
  { parameters: ['view'], load: async () => (await import('./view-page.ts')).viewPage },
  { parameters: ['zip'], load: async () => (await import('./zip.ts')).zip },
]

/** Parameters that ask for what a file was, which the journal answers (`routes/read-past.ts`). */
export const pastParameters: readonly Pick<SelectableView, 'parameters' | 'valued'>[] = [
  { parameters: ['history'] },
  { parameters: ['at'], valued: true },
  { parameters: ['revision'], valued: true },
  { parameters: ['diff'] },
]

/** Parameters of which a request may carry only one. Aliases of one view count as one. */
export const exclusive: readonly (readonly string[])[] = [pastParameters.flatMap(({ parameters }) => parameters)]
