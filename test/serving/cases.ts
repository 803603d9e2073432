import { CACHE_CASES } from './cache-cases.ts'
import { HTML_CASES } from './html-cases.ts'
import { MISSING_CASES } from './missing-cases.ts'
import { PATH_CASES } from './path-cases.ts'
import { RULE_CASES } from './rule-cases.ts'
import type { CaseGroup } from './table.ts'

/** The serving table (DESIGN §6): what visitors are answered, whichever gateway answers them. */
export const CASES: CaseGroup[] = [
  ...HTML_CASES,
  ...MISSING_CASES,
  ...PATH_CASES,
  ...CACHE_CASES,
  ...RULE_CASES,
]
