/** The server of a site: finds the file, or says what there is instead, as `resolve` of domain/serving does. */
import { sha256Hex } from '../../base/secrets.ts'
import { DEFAULT_SETTINGS } from '../environment.ts'
import type { Hostname, Site } from '../host-site.ts'
import { rulesDigest, type ServingRules } from '../serving/rules.ts'
import { NOTHING, ownWays, PLAIN, page } from './answers.ts'
import { challengeLocation } from './challenges.ts'
import { block, type Directive, directive, entry, type Item, raw, variable } from './config.ts'
import { pathSteps, targetSteps } from './decision.ts'
import { asks, goTo, isFile, matching, redirectTo, serve, serveIfThere, set, when } from './flow.ts'
import { type HeaderPlan, headerPlan } from './headers.ts'
import { FOLDERS, WORDS } from './maps.ts'
import { NO_TREE } from './page-maps.ts'
import type { NginxPlace } from './place.ts'
import { type RedirectPlan, redirectPlan } from './redirects.ts'
import { fingerprintRegex, literal } from './regex.ts'
import { requireOwnName, type Secured } from './tls.ts'
import { our, v } from './variables.ts'

export interface FilesServer {
  /** Stand in `http{}`. */
  maps: Directive[]
  /** Stand in `server{}`, beside where it listens. */
  inside: Item[]
}

/** What the parts of a server need to know. */
interface Plan {
  rules: ServingRules
  headers: HeaderPlan
  redirects: RedirectPlan
  /** The folder of asset grace; null: there is none. */
  grace: string | null
  /** What its maps and variables are called apart by. */
  id: string
}

/** What a server has of the machine, and of the ways of its host name. */
export interface Own {
  place: NginxPlace
  logFormat: string
  /** What is added to each answer that goes over HTTPS. */
  secureHeaders: Directive[]
  secured: Secured | null
}

/** `site` null: nothing is deployed yet. */
export function filesServer(hostname: Hostname, site: Site | null, own: Own): FilesServer {
  const { place } = own
  const challenges = challengeLocation(hostname, { place, headers: own.secureHeaders })
  if (site === null)
    return {
      maps: [],
      inside: [
        ...beginning(null, own),
        ...special(null),
        challenges,
        page([...own.secureHeaders, ...NEUTRAL]),
      ],
    }
  const id = sha256Hex(hostname).slice(0, 16)
  const plan: Plan = {
    rules: site.rules,
    headers: headerPlan(site.rules, {
      hasOwnFolders: !hasDefaultFolders(site.rules.settings.buildFolders),
      secureHeaders: own.secureHeaders,
    }),
    redirects: redirectPlan(site.rules, id),
    grace: site.graceFolder === null ? null : `${place.data}/grace/${site.graceFolder}`,
    id,
  }
  return {
    maps: [...plan.redirects.maps, ...ownGzipMap(plan)],
    inside: [...beginning(site, own), ...decision(plan, special(site)), challenges, ...locations(plan)],
  }
}

const NEUTRAL = [
  directive('add_header', 'Cache-Control', v('page_cached'), 'always'),
  directive('add_header', 'X-Content-Type-Options', 'nosniff', 'always'),
]

/** What is known of every request. The tree is looked up once, so that a request sees one tree. */
function beginning(site: Site | null, { place, logFormat, secured, secureHeaders }: Own): Item[] {
  const isPaged = site?.rules.settings.notFoundHandling === '404-page' || hasMissing(site?.rules)
  return [
    ...(site === null ? [] : [directive('root', `${place.data}/sites/${site.link}`)]),
    ...ownWays({
      place,
      logFormat,
      missing: isPaged ? '@missing' : '@page',
      // Over HTTPS the site is known before the path is.
      early: secured === null ? '@page' : null,
    }),
    directive('error_page', '416', '@range'),
    directive('disable_symlinks', 'on', ['from=', ...v('root')]),
    ...secureHeaders,
    directive('add_header', 'Cache-Control', 'no-store', 'always'),
    directive('add_header', 'X-Content-Type-Options', 'nosniff', 'always'),
    directive('add_header', 'Content-Type', 'application/json', 'always'),
    ...(secured === null ? [] : [requireOwnName()]),
    set('root', site === null ? NO_TREE : v('pinned')),
    set('at', variable('$uri')),
    set('path', variable('$uri')),
    set('class', v('class_of')),
  ]
}

/** The marker and what CAs ask for answer whatever there is; nothing else does without a tree or to other methods. */
const special = (site: Site | null): Directive[] => [
  when(
    [v('marked')],
    directive('return', '200', [
      '{"tree":',
      ...v('tree'),
      `,"rules":${site === null ? 'null' : `"${rulesDigest(site.rules)}"`}}`,
    ]),
  ),
  when([v('challenge')], directive('break')),
  when([v('root'), '=', NO_TREE], set('said', 'nothing'), directive('return', NOTHING)),
  when([v('refused')], directive('return', '405')),
]

const hasMissing = (rules: ServingRules | undefined): boolean =>
  rules?.redirects.some(({ status }) => status === 404) === true

function decision(plan: Plan, special: readonly Directive[]): Item[] {
  const { rules, headers, redirects } = plan
  const word = WORDS[rules.settings.htmlHandling]
  const steps = pathSteps(rules.settings.htmlHandling)
  const isForced = rules.redirects.some((rule) => rule.force)
  // Without htmlHandling what is found is always the file of the very path.
  const noted = rules.settings.htmlHandling === 'none' ? [set('exact', v('path'))] : []
  const hits = steps.hits.map((_, index) => serveIfThere(`${word}_hit${index + 1}`, noted))
  const query = set('query', [{ variable: '$is_args' }, { variable: '$args' }])
  // Most requests end at the first step, so what need not come before it does not.
  const isEarly = isForced || rules.headers.length > 0
  return [
    ...headers.start,
    ...(isEarly ? [...special, query] : []),
    ...ownGzip(plan),
    ...ownFolders(rules),
    ...headers.decide,
    ...(isForced
      ? [...unreadable(plan), ...redirects.find, ...byRule(plan, true), set('at', v('path')), goTo(v('path'))]
      : []),
    set('state', v('class')),
    when(['-f', v('own_file')], set('exact', v('path')), directive('break')),
    ...(isEarly ? [] : [...special, query]),
    ...graceOf(plan),
    ...hits,
    ...asks(word, steps),
    ...(steps.files.size === 0
      ? []
      : [when([v(`${word}_file`)], set('exact', v(`${word}_exact`)), serve(v(`${word}_file`)))]),
    ...(steps.redirects.size === 0
      ? []
      : [when([v(`${word}_redirect`)], ...redirectTo(v(`${word}_redirect`)))]),
    ...(isForced ? [] : [...unreadable(plan), ...redirects.find]),
    ...byRule(plan, false),
    ...(rules.settings.notFoundHandling === 'single-page-application' ? single() : []),
    directive('return', '404'),
  ]
}

/** Bytes that are no UTF-8 can't name a file; no rule says anything of them. */
const unreadable = ({ headers }: Plan): Directive[] => [
  when([v('unreadable')], ...headers.forget, directive('return', PLAIN)),
]

function ownFolders({ settings: { buildFolders } }: ServingRules): Directive[] {
  if (hasDefaultFolders(buildFolders)) return []
  const regex = fingerprintRegex(buildFolders)
  return [
    set('kept', '-'),
    ...(regex === null ? [] : [when(matching('path', regex), set('kept', v('path')))]),
  ]
}

const hasDefaultFolders = (folders: readonly string[]): boolean =>
  JSON.stringify(folders) === JSON.stringify(DEFAULT_SETTINGS.buildFolders)

/** Each value is the path itself: maps do not mind case, so what is found is compared. */
function ownGzipMap({ rules, id }: Plan): Directive[] {
  if (rules.ownGzip.length === 0) return []
  const seen = new Map<string, string[]>()
  for (const name of rules.ownGzip)
    seen.set(name.toLowerCase(), [...(seen.get(name.toLowerCase()) ?? []), name])
  const entries = [...seen.values()].flatMap((names) =>
    names.map((name) =>
      names.length === 1
        ? entry(raw(`/${name}`), `/${name}`)
        : entry(raw(`~^${literal(`/${name}`)}\\z`), `/${name}`),
    ),
  )
  return [block('map', [v('path'), raw(our(`gzip_${id}`))], [...entries, entry('default', '')])]
}

/** `X.gz` that came with the bundle is a file like any other. */
const ownGzip = ({ rules, id }: Plan): Directive[] =>
  rules.ownGzip.length === 0 ? [] : [when([v(`gzip_${id}`), '=', v('path')], set('class', 'p'))]

/** For a fingerprinted path that the tree lacks: the file of an earlier one. */
const graceOf = ({ grace, rules }: Plan): Directive[] =>
  grace === null
    ? []
    : [
        set('tree_root', v('root')),
        set('root', grace),
        when(
          isFile(v(hasDefaultFolders(rules.settings.buildFolders) ? 'gone' : 'own_gone')),
          set('exact', v('path')),
          directive('break'),
        ),
        set('root', v('tree_root')),
      ]

/** What the rule that was found means, if it is forced or if it is not. */
function byRule({ rules, redirects }: Plan, forced: boolean): Item[] {
  const mark = forced ? '!' : ''
  return [
    ...redirects
      .statuses(forced)
      .map((status) => when([v('rule'), '=', `${status}${mark}`], directive('return', `${status}`, v('to')))),
    ...(redirects.hasRewrites(forced) ? rewritten(rules, mark) : []),
  ]
}

/** Looks for the file that a rule rewrites to; without one, only what is said of missing ones is left. */
function rewritten(rules: ServingRules, mark: string): Item[] {
  const word = `${WORDS[rules.settings.htmlHandling]}_to`
  const steps = targetSteps(rules.settings.htmlHandling)
  const found = (name: string) => [set('file', v(name)), set('state', '')]
  return [
    set('state', ''),
    when(
      matching('rule', `(200|404)${mark}(/.*)`),
      set('rewritten', variable('$1')),
      set('at', variable('$2')),
      set('state', v('class_of')),
    ),
    ...steps.hits.map((_, index) =>
      when(isFile(v(`${word}_hit${index + 1}`)), ...found(`${word}_hit${index + 1}`)),
    ),
    ...asks(word, steps),
    ...(steps.files.size === 0 ? [] : [when([v(`${word}_file`)], ...found(`${word}_file`))]),
    set('done', [...v('rewritten'), ...v('file')]),
    when(matching('done', '200/.*'), serve(v('file'))),
    when(matching('done', '404/.*'), set('instead', v('file')), directive('return', '404')),
    when(matching('done', '(?:200|404)'), set('class', 'n')),
  ]
}

/** A navigation gets the single page. */
const single = (): Item[] => [set('vary', v('single_vary')), when(isFile(v('single')), serve('/index.html'))]

function locations({ headers, rules }: Plan): Directive[] {
  const { notFoundHandling } = rules.settings
  const vary: Directive[] =
    notFoundHandling === 'single-page-application'
      ? [directive('add_header', 'Vary', v('vary'), 'always')]
      : []
  const neverModified = directive('add_header', 'Last-Modified', '')
  const isPaged = notFoundHandling === '404-page'
  const missing = block(
    'location',
    ['@missing'],
    [
      directive('root', v('root')),
      directive('etag', 'off'),
      ...headers.missing,
      ...vary,
      neverModified,
      ...(isPaged ? [set('from', v('next_from'))] : []),
      directive(
        'try_files',
        ...(hasMissing(rules) ? [v('instead')] : []),
        ...(isPaged ? [...FOLDERS.map((above) => v(`above${above}`)), v('then')] : ['@page']),
      ),
    ],
  )
  return [
    block('location', ['/'], [directive('root', v('root')), ...headers.content, ...vary, neverModified]),
    page([...headers.other, ...vary]),
    // The headers of the file are there already.
    block('location', ['@range'], [neverModified, directive('return', '200', '')]),
    ...(isPaged || hasMissing(rules) ? [missing] : []),
  ]
}
