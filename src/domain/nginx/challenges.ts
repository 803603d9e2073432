/** What a CA asks a host name for (RFC 8555 §8.3): files of a folder of its own, which nothing of a bundle gets into. */
import { CHALLENGE_TOKEN, challengeFolder, challengesFolder } from '../host-files.ts'
import type { Hostname } from '../host-site.ts'
import { NEUTRAL_HEADERS } from '../serving/neutral.ts'
import { known, locationWays } from './answers.ts'
import { block, type Directive, type DirectiveName, directive } from './config.ts'
import { map, matches, otherwise } from './map.ts'
import { type NginxPlace, requireFile } from './place.ts'
import { v } from './variables.ts'

const PATH = String.raw`/\.well-known/acme-challenge/`

/** By the path of a request the name of the file; one that no file has for whatever is no token; empty elsewhere. */
export const challengeMap = (): Directive =>
  map([{ variable: '$uri' }], 'challenge', [
    matches(String.raw`^${PATH}(${CHALLENGE_TOKEN.source.slice(1, -1)})\z`, ['/', { variable: '$1' }]),
    matches(`^${PATH}`, '/.none'),
    otherwise(''),
  ])

/** The very bytes, each time. */
const WAYS: readonly [DirectiveName, string][] = [
  ['etag', 'off'],
  ['gzip_static', 'off'],
  ['if_modified_since', 'off'],
  ['max_ranges', '0'],
]

/** `headers`: what the server adds to each answer; `isBare`: it does not say how files are served. */
export const challengeLocation = (
  hostname: Hostname,
  { place, headers, isBare = false }: { place: NginxPlace; headers: Directive[]; isBare?: boolean },
): Directive =>
  block(
    'location',
    ['^~', '/.well-known/acme-challenge/'],
    [
      directive('root', requireFile(challengeFolder(place.data, hostname))),
      directive('disable_symlinks', 'on', `from=${challengesFolder(place.data)}`),
      ...(isBare
        ? locationWays(
            place,
            WAYS.map(([name]) => name),
          )
        : []),
      ...known(WAYS, place),
      directive('default_type', 'application/octet-stream'),
      ...headers,
      ...NEUTRAL_HEADERS.map(([name, value]) => directive('add_header', name, value, 'always')),
      directive('error_page', '403', '404', '=404', '@page'),
      directive('error_page', '405', '500', '503', '@page'),
      directive('try_files', v('challenge'), '=404'),
    ],
  )
