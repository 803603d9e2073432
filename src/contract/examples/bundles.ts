/** Bundles. */
import { type ExamplesOf, from } from './example.ts'

const inWeb = { service: 'web' }
const summer = from('bundles.create/archive', 'digest')
const ofSummer = { service: 'web', digest: summer }
/** Of the folder that test/reference/archives.ts has. */
const winter = 'bb2bc97932e1f38c2fedfc8f780ce328bc4247c915ff97aa8a0fd99b4f820591'
const page = {
  path: 'index.html',
  size: 109,
  sha256: '223c73fa465009839f5183484a911cd6a7bd7c7372cafbc930fddfaa7633f990',
}

export const BUNDLE_EXAMPLES: ExamplesOf<'bundles'> = {
  'bundles.list': {
    newest: { summary: 'The newest', params: inWeb, query: { limit: '1' }, status: 200 },
  },
  'bundles.create': {
    archive: { summary: 'An archive', params: inWeb, archive: 'site.tar', status: 201 },
    refused: { summary: 'Something that is no archive', params: inWeb, archive: 'notes.txt', status: 422 },
  },
  'bundles.diff': {
    entries: {
      summary: 'The second question: which contents of these files are missing?',
      params: inWeb,
      json: { digest: winter, base: summer, entries: [page] },
      status: 200,
    },
  },
  'bundles.show': {
    manifest: { summary: 'What is in it', params: ofSummer, status: 200 },
  },
  'bundles.archive': {
    whole: { summary: 'As it came', params: ofSummer, status: 200 },
  },
  'bundles.delete': {
    leaked: {
      summary: 'A bundle that was never live and holds a secret',
      params: { service: 'web', digest: from('bundles.files/contents', 'digest') },
      query: { reason: 'a token was in it' },
      status: 200,
    },
  },
  'bundles.files': {
    contents: {
      summary: 'The page that changed; the rest is held already',
      params: { service: 'web', digest: winter },
      archive: 'contents.tar',
      status: 201,
    },
  },
}
