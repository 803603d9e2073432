/** The audit. */
import { z } from 'zod'
import * as s from '../shapes/audit.ts'
import { page } from '../shapes.ts'
import { common, json, table } from './row.ts'

export const AUDIT_ROUTES = table({
  'audit.list': {
    method: 'get',
    path: '/audit',
    need: 'audit:read',
    at: 'instance',
    summary: 'Search the audit, newest first; a page may be short while next leads on',
    query: s.AuditQuery,
    status: 200,
    answer: json(page(s.AuditEntry)),
    problems: ['invalid', ...common],
  },
  'audit.export': {
    method: 'get',
    path: '/audit/export',
    need: 'audit:read',
    at: 'instance',
    summary: 'All that a search finds, as CSV or as lines of JSON',
    query: s.AuditExport,
    status: 200,
    answer: { kind: 'bytes', types: ['application/jsonl', 'text/csv'] },
    problems: ['invalid', ...common],
  },
  'audit.refusals': {
    method: 'get',
    path: '/audit/refusals',
    need: 'audit:read',
    at: 'instance',
    summary: 'How often strangers were refused, by minute and source, newest first',
    status: 200,
    answer: json(z.object({ items: z.array(s.RefusalCount) }).meta({ id: 'RefusalCounts' })),
    problems: [...common],
  },
  'audit.verify': {
    method: 'get',
    path: '/audit/verify',
    need: 'audit:read',
    at: 'instance',
    summary: 'Whether the audit is as it was written',
    query: s.ChainQuery,
    status: 200,
    answer: json(s.ChainState),
    problems: ['invalid', ...common],
  },
})
