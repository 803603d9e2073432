/** Certificates that somebody brings. */
import { type ExamplesOf, from, given } from './example.ts'

const own = { id: from('certificates.create/own', 'id') }
const certificate = given('certificate', '-----BEGIN CERTIFICATE----- …')

export const CERTIFICATE_EXAMPLES: ExamplesOf<'certificates'> = {
  'certificates.list': {
    all: { summary: 'All of them', status: 200 },
  },
  'certificates.create': {
    own: {
      summary: 'A certificate, those that lead to its root, and its key',
      json: { certificate, key: given('key of the certificate', '-----BEGIN PRIVATE KEY----- …') },
      status: 201,
    },
    other: {
      summary: 'With the key of another one',
      json: { certificate, key: given('another key', '-----BEGIN PRIVATE KEY----- …') },
      status: 422,
    },
  },
  'certificates.show': {
    own: { summary: 'With its chain, without its key', params: own, status: 200 },
  },
  'certificates.delete': {
    used: { summary: 'A URL answers with it', params: own, status: 409 },
    own: { summary: 'Nobody answers with it any more', params: own, status: 200 },
  },
}
