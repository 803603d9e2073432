/** Drift in words. */
import type { Drift } from '../../contract/shapes/drift.ts'

type Kind = Drift['kind']

/** What has happened, as a heading. */
export const KIND_WORDS: Record<Kind, string> = {
  'site-text': 'The text of a site was changed',
  'site-missing': 'The file of a site is gone',
  'site-link': 'The link to a site is gone or leads elsewhere',
  'site-stray': 'A site stands that no URL has',
  'site-foreign': 'Another file answers for one of our names',
  'record-changed': 'A DNS record was changed',
  'record-missing': 'A DNS record is gone',
  'record-marker': 'The mark of a DNS record is gone or not ours',
  'record-stray': 'A DNS record stands that no URL has',
  tree: 'Files of what is live were changed',
  link: 'The link to what is live leads elsewhere',
  'certificate-file': 'The file of a certificate is gone or broken',
  'certificate-served': 'Visitors are shown another certificate',
}

/** What the button of a way out does, in a sentence for who is about to press it. */
export const REVERT_WORDS: Record<Kind, string> = {
  'site-text':
    'Its text is written anew as Fairlead has it, and the gateway reloads. What was changed by hand is lost.',
  'site-missing': 'The file is written anew, and the gateway reloads.',
  'site-link': 'The link is made anew, and the gateway reloads.',
  'site-stray': 'The site is taken down: nothing answers under this name any more.',
  'site-foreign': 'Nothing can be done from here.',
  'record-changed': 'The record is set back to what Fairlead wrote.',
  'record-missing': 'The record is made anew.',
  'record-marker': 'The mark is written anew, so that the record is known as ours.',
  'record-stray': 'The record and its mark are removed.',
  tree: 'The files are unpacked anew from the bundle. What was changed by hand is lost.',
  link: 'The link leads again to what the last deployment brought.',
  'certificate-file': 'The file is written anew from the database.',
  'certificate-served': 'The file of the certificate is written anew, and the gateway reads everything anew.',
}

export function adoptWords(kind: Kind): string {
  if (kind === 'tree' || kind === 'link')
    return 'What stands now becomes a deployment of this environment, so that it is in the history and can be rolled back.'
  if (kind === 'record-missing') return 'Fairlead makes no records for this URL any more.'
  if (kind.startsWith('record-')) return 'The record as it stands becomes the one that the URL has.'
  return 'What was added becomes a part of the site, and is written again whenever the site is.'
}

export const END_WORDS = {
  reverted: 'put back',
  adopted: 'taken over',
  healed: 'put back by itself',
  gone: 'gone by itself',
} as const satisfies Record<NonNullable<Drift['end']>, string>
