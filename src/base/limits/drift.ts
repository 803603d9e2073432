/** Of what stands in the world otherwise than the database says. */
export const driftLimits = {
  /** Of one finding, as it is kept and shown. */
  diffLines: 200,
  diffLineChars: 500,
  diffContextLines: 3,
  /** Lines of one text times lines of the other, up to which the fewest differing ones are looked for. */
  diffCells: 4_000_000,
  /** How often one thing is put back by itself while it comes back, and the first pause, which doubles. */
  healsMost: 5,
  healPauseMs: 60_000,
  /** A thing that stayed away for so long begins anew. */
  healForgetMs: 24 * 3_600_000,
  /** Findings that ended are kept so long, and so many of them. */
  keptMs: 90 * 24 * 3_600_000,
  kept: 10_000,
} as const
