/** Cloudflare's four words: how paths and .html files meet. */
export const HTML_HANDLING = [
  'auto-trailing-slash',
  'force-trailing-slash',
  'drop-trailing-slash',
  'none',
] as const
export type HtmlHandling = (typeof HTML_HANDLING)[number]

export const NOT_FOUND_HANDLING = ['404-page', 'single-page-application', 'none'] as const
export type NotFoundHandling = (typeof NOT_FOUND_HANDLING)[number]

/** The settings of an environment that change what visitors are answered. */
export interface ServingSettings {
  htmlHandling: HtmlHandling
  notFoundHandling: NotFoundHandling
  /** Folders whose fingerprinted files are cached for a year; each ends with "/". */
  buildFolders: string[]
  /** Seconds for which fingerprinted files of earlier trees still answer; 0: none. */
  assetGraceSeconds: number
}

export interface EnvironmentSettings extends ServingSettings {
  /** How many earlier trees stay on disk for a rollback of one rename. */
  retain: number
  /** Whether a second person has to approve what is deployed. */
  approval: boolean
}

export const DEFAULT_SETTINGS: EnvironmentSettings = {
  htmlHandling: 'auto-trailing-slash',
  notFoundHandling: '404-page',
  buildFolders: ['assets/', '_astro/', '_app/immutable/', '_next/static/', 'static/'],
  assetGraceSeconds: 86_400,
  retain: 0,
  approval: false,
}
