import { REVALIDATE } from '../serving/cache.ts'
import { NEUTRAL_TYPE, NOTHING_YET, neutralPage } from '../serving/neutral.ts'
import { challengeMap } from './challenges.ts'
import { type Directive, entry, raw } from './config.ts'
import { map, matches, otherwise } from './map.ts'
import { ALL, UTF8 } from './regex.ts'
import { v } from './variables.ts'

/** Where a site has no tree. */
export const NO_TREE = '/dev/null'

/** The neutral pages: by `said`, what a site wants to say, and the status. */
export const pageMaps = (): Directive[] => [
  map([...v('said'), { variable: '$status' }], 'page', [
    entry('nothing404', neutralPage(404, NOTHING_YET)),
    ...([400, 404, 405, 421, 500, 503] as const).map((status) => entry(`${status}`, neutralPage(status))),
    matches('^3', ''),
    matches('^4', neutralPage(400)),
    otherwise(neutralPage(500)),
  ]),
  map([{ variable: '$status' }], 'page_type', [matches('^3', ''), otherwise(NEUTRAL_TYPE)]),
  map([...v('said'), { variable: '$status' }], 'page_cached', [
    matches('^(?:3..|404|405)\\z', REVALIDATE),
    otherwise('no-store'),
  ]),
  map([{ variable: '$status' }], 'allowed', [entry('405', 'GET, HEAD'), otherwise('')]),
  // This machine: its loopback, or an address of its own that it asked.
  map([{ variable: '$remote_addr' }, ' ', { variable: '$server_addr' }], 'near', [
    matches(String.raw`^(\S+) \1\z`, '1'),
    matches(String.raw`^(?:127\.|::1 |unix:)`, '1'),
    otherwise(''),
  ]),
  map([{ variable: '$request_method' }], 'refused', [entry('GET', ''), entry('HEAD', ''), otherwise('1')]),
  // Where nothing is escaped NGINX sends on what came as it came, and browsers take this for a slash.
  map([{ variable: '$request_uri' }], 'slanted', [matches(String.raw`^[^?]*\\`, '1'), otherwise('')]),
  map([...v('slanted'), ...v('path')], 'unreadable', [
    matches(`${ALL}^(?=/)(?:${UTF8})*+\\z`, ''),
    otherwise('1'),
  ]),
  challengeMap(),
  // Over HTTPS: a connection that was made to another name than the Host.
  map(
    [{ variable: '$scheme' }, ' ', { variable: '$ssl_server_name' }, ' ', { variable: '$host' }],
    'crossed',
    [matches('^http ', ''), entry(raw(String.raw`~*^https (\S+) \1\z`), ''), otherwise('1')],
  ),
  map([...v('refused'), ...v('path')], 'marked', [
    matches(String.raw`^/\.well-known/fairlead\z`, '1'),
    otherwise(''),
  ]),
  // The tree behind the link, looked up once; below a file that is no folder there is nothing.
  map([{ variable: '$realpath_root' }], 'pinned', [
    matches(String.raw`${ALL}^(.+)\z(?<=/trees/[0-9a-f]{64}-[0-9]|/trees/[0-9a-f]{64}-[0-9]{2})`, [
      { variable: '$1' },
    ]),
    otherwise(NO_TREE),
  ]),
  map(v('root'), 'tree', [
    matches(String.raw`/trees/([0-9a-f]{64}-[0-9]+)\z`, ['"', { variable: '$1' }, '"']),
    otherwise('null'),
  ]),
]
