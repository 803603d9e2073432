/** The audit. */
import type { ExamplesOf } from './example.ts'

export const AUDIT_EXAMPLES: ExamplesOf<'audit'> = {
  'audit.list': {
    users: { summary: 'What happened to accounts', query: { kind: 'user.', limit: '5' }, status: 200 },
  },
  'audit.export': {
    csv: {
      summary: 'What happened to roles, for a spreadsheet',
      query: { format: 'csv', kind: 'role.' },
      status: 200,
    },
    lines: { summary: 'The same as lines of JSON', query: { kind: 'role.' }, status: 200 },
  },
  'audit.refusals': { counts: { summary: 'Refusals of strangers', status: 200 } },
  'audit.verify': { whole: { summary: 'Is it as it was written?', status: 200 } },
}
