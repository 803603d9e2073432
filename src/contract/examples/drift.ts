/** Drift: what stands in the world and is not what the database says. */
import type { ExamplesOf } from './example.ts'

const missing = { id: 'k3v9q0m2x7c5n1p8r4t6' }
const seen = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

export const DRIFT_EXAMPLES: ExamplesOf<'drift'> = {
  'drift.look': {
    now: { summary: 'Look now', status: 200 },
  },
  'drift.list': {
    open: { summary: 'What is open', query: { limit: '20' }, status: 200 },
    ended: { summary: 'What is over', query: { ended: 'true' }, status: 200 },
  },
  'drift.show': {
    missing: { summary: 'There is no such finding', params: missing, status: 404 },
  },
  'drift.revert': {
    missing: { summary: 'There is no such finding', params: missing, json: { seen }, status: 404 },
  },
  'drift.adopt': {
    missing: { summary: 'There is no such finding', params: missing, json: { seen }, status: 404 },
  },
}
