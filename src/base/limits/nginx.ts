/** Limits of NGINX as a gateway. */
export const nginxLimits = {
  /** A test of the whole configuration, and telling NGINX to reload. */
  commandMs: 60_000,
  /**
   * Until the running server answers by what was reloaded, while nothing is seen of its working on it, and in any case.
   * NGINX itself tries for 2.5 s to get a port, and reads for many seconds when there are thousands of sites.
   */
  appliedMs: 20_000,
  appliedMsMost: 5 * 60_000,
  /** Between two looks at the running server: from the first to the most. */
  lookMs: 2,
  lookMsMost: 100,
  answerMs: 2_000,
  /** At most so many reloads in so much time: each begins new workers and cuts idle connections. */
  reloads: 4,
  reloadsMs: 4_000,
  /** Read of its error log after a reload that failed. */
  logBytes: 64 * 1_024,
  /** Of an operator's files; beyond them nothing more is looked at. */
  configFiles: 1_000,
  configFileBytes: 1_024 * 1_024,
  configStatements: 200_000,
  /** Of an operator's directives that are kept inside a site. */
  extra: { chars: 64 * 1_024, depth: 4 },
} as const
