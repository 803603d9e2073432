import type { CaseGroup } from './table.ts'

const HTML = 'text/html; charset=utf-8'
const REVALIDATE = 'public, max-age=0, must-revalidate'

/** A neutral page: nothing of the product, its version or the disk (THREATS N26). */
const NEUTRAL = /^(?!.*(fairlead|nginx|bun|\/tmp|\/trees|\/sites))/is

const NAVIGATION = { 'Sec-Fetch-Mode': 'navigate', Accept: 'text/html,*/*;q=0.8' }
const SCRIPT = { 'Sec-Fetch-Mode': 'no-cors', Accept: '*/*' }
/** Of the answer that is said to a navigation, and of what others get. */
const [PAGE_VARY, OTHER_VARY] = ['Accept, Sec-Fetch-Mode, Accept-Encoding', 'Accept, Sec-Fetch-Mode']

/** What answers where nothing is: the three words of notFoundHandling, and methods. */
export const MISSING_CASES: CaseGroup[] = [
  {
    title: 'notFoundHandling 404-page: the nearest 404.html upwards',
    site: {
      files: {
        'index.html': 'home',
        '404.html': 'top 404',
        'docs/404.html': 'docs 404',
        'docs/deep/page.html': 'page',
        'blog/index.html': 'blog',
      },
      settings: { notFoundHandling: '404-page' },
    },
    cases: [
      {
        ask: '/nope',
        status: 404,
        file: '404.html',
        headers: { 'Content-Type': HTML, 'Cache-Control': REVALIDATE, 'Accept-Ranges': null },
      },
      { ask: '/nope.js', status: 404, file: '404.html', headers: { 'Content-Type': HTML } },
      { ask: '/docs/nope', status: 404, file: 'docs/404.html' },
      { ask: '/docs/', status: 404, file: 'docs/404.html' },
      { ask: '/docs', status: 404, file: '404.html' },
      { ask: '/docs/deep/nope', status: 404, file: 'docs/404.html' },
      { ask: '/docs/deep/no/such/folder/', status: 404, file: 'docs/404.html' },
      { ask: '/blog/nope', status: 404, file: '404.html' },
      ...[1, 8, 9, 10, 17, 18, 19, 62, 63].map((depth) => ({
        ask: `/docs${'/a'.repeat(depth)}/`,
        status: 404,
        file: 'docs/404.html',
      })),
      ...[63, 64, 65, 300].map((depth) => ({
        ask: `${'/a'.repeat(depth)}/x`,
        status: 404,
        file: '404.html',
      })),
      { ask: 'HEAD /nope', status: 404, body: '', headers: { 'Content-Length': '7' } },
      { ask: '/nope', with: { Range: 'bytes=0-2' }, status: 404, file: '404.html' },
      { ask: '/nope', with: { 'If-None-Match': '*' }, status: 404, file: '404.html' },
      { ask: '/404', status: 200, file: '404.html' },
      { ask: '/404.html', status: 307, location: '/404' },
      { ask: '/', status: 200, file: 'index.html' },
    ],
  },
  {
    title: 'N26: without a 404.html the page is neutral',
    site: { files: { 'index.html': 'home', 'folder/page.html': 'page' } },
    cases: [
      {
        ask: '/nope',
        status: 404,
        body: NEUTRAL,
        headers: { 'Content-Type': HTML, 'X-Content-Type-Options': 'nosniff', 'X-Powered-By': null },
      },
      { ask: '/folder/', status: 404, body: NEUTRAL },
      { ask: '/folder', status: 404, body: NEUTRAL },
      { ask: 'HEAD /nope', status: 404, body: '' },
    ],
  },
  {
    title: 'notFoundHandling none: a 404.html is a page like any other',
    site: {
      files: { 'index.html': 'home', '404.html': 'own 404' },
      settings: { notFoundHandling: 'none' },
    },
    cases: [
      { ask: '/nope', status: 404, body: NEUTRAL },
      { ask: '/404', status: 200, file: '404.html' },
    ],
  },
  {
    title: 'notFoundHandling single-page-application: navigations only',
    site: {
      files: { 'index.html': 'the app', 'assets/app-DiwrgTda.js': 'js', 'about.html': 'about' },
      settings: { notFoundHandling: 'single-page-application' },
    },
    cases: [
      {
        ask: '/users/7',
        with: NAVIGATION,
        status: 200,
        file: 'index.html',
        headers: { 'Content-Type': HTML, Vary: PAGE_VARY, 'Cache-Control': REVALIDATE },
      },
      { ask: '/users/7', with: { Accept: 'text/html' }, status: 200, file: 'index.html' },
      { ask: '/users/7', with: { Accept: '*/*' }, status: 200, file: 'index.html' },
      { ask: '/users/7', with: { Accept: '' }, status: 200, file: 'index.html' },
      { ask: '/users/7', status: 200, file: 'index.html' },
      { ask: '/users/7', with: { Accept: 'application/json' }, status: 404, headers: { Vary: OTHER_VARY } },
      { ask: '/users/7', with: SCRIPT, status: 404, headers: { Vary: OTHER_VARY } },
      {
        ask: '/users/7',
        with: { 'Sec-Fetch-Mode': 'cors', Accept: 'text/html' },
        status: 404,
        headers: { Vary: OTHER_VARY },
      },
      { ask: '/users/7?tab=a&x=%2F', with: NAVIGATION, status: 200, file: 'index.html' },
      { ask: '/users/', with: NAVIGATION, status: 200, file: 'index.html' },
      { ask: '/old.html', with: NAVIGATION, status: 200, file: 'index.html' },
      { ask: '/old.htm', with: NAVIGATION, status: 200, file: 'index.html' },
      { ask: '/assets/gone-DiwrgTdb.js', with: NAVIGATION, status: 404 },
      { ask: '/assets/gone.css', with: SCRIPT, status: 404 },
      { ask: '/logo.png', with: NAVIGATION, status: 404 },
      { ask: '/data.json', with: { Accept: '*/*' }, status: 404 },
      { ask: 'HEAD /users/7', with: NAVIGATION, status: 200, body: '', headers: { 'Content-Length': '7' } },
      { ask: 'POST /users/7', with: NAVIGATION, status: 405 },
      { ask: '/.git/config', with: NAVIGATION, status: 404 },
      { ask: '/.env', with: NAVIGATION, status: 404 },
      { ask: '/_headers', with: NAVIGATION, status: 404 },
      { ask: '/.well-known/acme-challenge/token', with: NAVIGATION, status: 404 },
      {
        ask: '/about',
        with: NAVIGATION,
        status: 200,
        file: 'about.html',
        headers: { Vary: 'Accept-Encoding' },
      },
    ],
  },
  {
    title: 'single-page-application without an index.html',
    site: { files: { 'a.txt': 'a' }, settings: { notFoundHandling: 'single-page-application' } },
    cases: [{ ask: '/users/7', with: NAVIGATION, status: 404, body: NEUTRAL }],
  },
  {
    title: 'methods: GET and HEAD, nothing else',
    site: { files: { 'index.html': 'home', 'a.txt': 'text' } },
    cases: [
      {
        ask: 'HEAD /a.txt',
        status: 200,
        body: '',
        headers: { 'Content-Length': '4', ETag: /^"[0-9a-f]+-4"$/ },
      },
      { ask: 'POST /a.txt', with: { 'Content-Length': '0' }, status: 405, headers: { Allow: 'GET, HEAD' } },
      { ask: 'PUT /a.txt', with: { 'Content-Length': '0' }, status: 405, headers: { Allow: 'GET, HEAD' } },
      { ask: 'DELETE /a.txt', status: 405, headers: { Allow: 'GET, HEAD' } },
      { ask: 'PATCH /a.txt', with: { 'Content-Length': '0' }, status: 405, headers: { Allow: 'GET, HEAD' } },
      { ask: 'OPTIONS /a.txt', status: 405, headers: { Allow: 'GET, HEAD' } },
      { ask: 'TRACE /a.txt', status: 405 },
      { ask: 'POST /nope', with: { 'Content-Length': '0' }, status: 405 },
    ],
  },
]
