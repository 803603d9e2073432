/** Certificates: those that a CA gave, and those that somebody brought. */

import * as s from '../shapes/https.ts'
import { page } from '../shapes.ts'
import { byId, common, json, table } from './row.ts'

export const CERTIFICATE_ROUTES = table({
  'certificates.list': {
    method: 'get',
    path: '/certificates',
    need: 'certificates:read',
    at: 'instance',
    summary: 'List the certificates, oldest first',
    query: s.CertificateQuery,
    status: 200,
    answer: json(page(s.Certificate)),
    problems: ['invalid', ...common],
  },
  'certificates.create': {
    method: 'post',
    path: '/certificates',
    need: 'certificates:create',
    at: 'instance',
    summary: 'Bring a certificate with its key',
    description:
      'URLs whose `https.mode` is `own` answer with it when it covers their name and is good for longer than the one before. It is refused, with every reason, when it has expired, does not fit its key, is weak or is not whole. The key is sealed, and no answer holds it.',
    body: { kind: 'json', schema: s.CertificateCreate },
    idempotent: true,
    status: 201,
    answer: json(s.CertificateDetails),
    problems: ['invalid', 'conflict', ...common],
  },
  'certificates.show': {
    method: 'get',
    path: '/certificates/{id}',
    need: 'certificates:read',
    at: 'instance',
    summary: 'Show a certificate with its chain, never with its key',
    params: byId,
    status: 200,
    answer: json(s.CertificateDetails),
    problems: ['not_found', ...common],
  },
  'certificates.delete': {
    method: 'delete',
    path: '/certificates/{id}',
    need: 'certificates:delete',
    at: 'instance',
    summary: 'Delete a certificate that no URL answers with, and its key. The answer is it as it was',
    params: byId,
    status: 200,
    answer: json(s.CertificateDetails),
    problems: ['not_found', 'conflict', 'precondition_failed', ...common],
  },
})
