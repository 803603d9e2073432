const MIB = 1024 * 1024

/** Of what stands in the world otherwise than the database says. */
export const driftLimits = {
  /** Of one finding, as it is kept and shown. */
  diffLines: 200,
  diffLineChars: 500,
  diffContextLines: 3,
  /** Lines of one text times lines of the other, up to which the fewest differing ones are looked for. */
  diffCells: 4_000_000,
  /** Of one tree, as they are kept; the rest is counted. */
  treeDifferences: 1_000,
  /** Of contents that are otherwise, in one look at one tree: told by their hash. */
  readBytes: 64 * MIB,
  /** Of contents whose size and time are right, in one look at all trees: read by turns, since both can be forged. */
  sample: { files: 2_000, bytes: 64 * MIB },
  /** Host names that are asked for their certificate in one look, in turns, and at the same time. */
  served: 64,
  servedParallel: 8,
  /** How long a look keeps others waiting. */
  sliceMs: 5,
  /** Between two looks at zones in which no URL has records: each costs a request. */
  otherZonesMs: 3_600_000,
  /** From the start of the program to the first of them. */
  otherZonesFirstMs: 5 * 60_000,
  /** Of one DNS provider in one look: less than from one look to the next. */
  providerMs: 40_000,
  /** How often one thing is put back by itself while it comes back, and the first pause, which doubles. */
  healsMost: 5,
  healPauseMs: 60_000,
  /** A thing that stayed away for so long begins anew. */
  healForgetMs: 24 * 3_600_000,
  /** Findings that ended are kept so long, and so many of them. */
  keptMs: 90 * 24 * 3_600_000,
  kept: 10_000,
} as const
