import type { Part, Variable } from './config.ts'

/** The name of a variable of ours, without `$fairlead_`. Sites share them: each costs every request a few bytes. */
export type Ours = string

export const our = (name: Ours): Variable => `$fairlead_${name}`

/** As the whole of an argument, or as parts of one. */
export const v = (name: Ours): readonly Part[] => [{ variable: our(name) }]
