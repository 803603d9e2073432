import type { CaseGroup } from './table.ts'

const REDIRECTS = `
# where things went
/old            /new
/temporary      /new           302
/see            /new           303
/keep           /new           307   # with its method
/for-ever       /new           308
/away           https://example.com/there
/away-query     https://example.com/there?own=1#part
/fragment       /new#part
/blog/*         /news/:splat
/u/:id/posts/:post  /users/:id?post=:post 302
/files/*.pdf    /documents/:splat.pdf
/shadowed       /new
/forced         /new           301!
/rewritten      /page.html     200
/rewritten-html /page          200
/teapot         /closed.html   404
/nowhere        /missing.html  200
/r/:name        /page          200
/add-slash      /add-slash/
/Case           /new
/caf%C3%A9      /new
/übung          /new
/to-unicode     /übung/x
/dollar         /a$b
/o*             /:splat
/wiki/File:Logo /logo
/x/*            /first
/x/y            /second
/post/:slug/    /news/:slug
/same           /same#part
/language       /language?lang=en
/signs/*        /s/:splat
`

const HEADERS = `
# everything
/*
  X-Frame-Options: DENY
  X-Shared: one
  Cache-Control: public, max-age=60

/page
  X-Shared: two
  Content-Type: text/plain; charset=utf-8
/secure/*
  ! X-Frame-Options
  Content-Security-Policy: default-src 'self'; frame-ancestors "none" $host \\
/downloads/:file
  Content-Disposition: attachment; filename=":file"
/splat/*
  X-Splat: <:splat>; :unknown
  X-Empty: :splat
/nosniff
  ! X-Content-Type-Options
  ! Cache-Control
/*.json
  Access-Control-Allow-Origin: *
  access-control-allow-origin: https://a.example
/caf%C3%A9/*
  X-Cafe: yes
`

const to = (ask: string, status: number, location: string) => ({ ask, status, location })

/** `_redirects` as Netlify reads them, `_headers` as Cloudflare does. */
export const RULE_CASES: CaseGroup[] = [
  {
    title: '_redirects',
    site: {
      files: {
        'index.html': 'home',
        'new.html': 'new',
        'page.html': 'page',
        'closed.html': 'closed',
        'shadowed.html': 'shadowed',
        'forced.html': 'forced',
        'add-slash/index.html': 'slash',
        'blog/kept.html': 'kept',
        'old/inside.txt': 'inside',
      },
      redirects: REDIRECTS,
    },
    cases: [
      { ...to('/old', 301, '/new'), headers: { 'Cache-Control': 'public, max-age=0, must-revalidate' } },
      to('/old/', 301, '/new'),
      to('/old?a=1&b=2', 301, '/new?a=1&b=2'),
      to('HEAD /old', 301, '/new'),
      to('//old', 301, '/new'),
      to('/%6fld', 301, '/new'),
      { ask: '/old/inside.txt', status: 200, file: 'old/inside.txt' },
      to('/temporary', 302, '/new'),
      to('/see', 303, '/new'),
      to('/keep', 307, '/new'),
      to('/for-ever', 308, '/new'),
      to('/away', 301, 'https://example.com/there'),
      to('/away?x=1', 301, 'https://example.com/there?x=1'),
      to('/away-query?x=1', 301, 'https://example.com/there?own=1#part'),
      to('/fragment', 301, '/new#part'),
      to('/fragment?x=1', 301, '/new?x=1#part'),
      to('/blog/2024/post', 301, '/news/2024/post'),
      to('/blog/2024/post/', 301, '/news/2024/post/'),
      to('/blog/', 301, '/news/'),
      to('/blog', 301, '/news/'),
      to('/blog/sp%20ace/%C3%BC', 301, '/news/sp%20ace/%C3%BC'),
      to('/blog/a?x=1', 301, '/news/a?x=1'),
      { ask: '/blog/kept', status: 200, file: 'blog/kept.html' },
      to('/u/7/posts/hello', 302, '/users/7?post=hello'),
      to('/u/7/posts/hello/', 302, '/users/7?post=hello'),
      { ask: '/u/7/posts', status: 404 },
      to('/files/a/b.pdf', 301, '/documents/a/b.pdf'),
      { ask: '/files/a/b.txt', status: 404 },
      { ask: '/shadowed', status: 200, file: 'shadowed.html' },
      to('/shadowed.html', 307, '/shadowed'),
      to('/forced', 301, '/new'),
      {
        ask: '/rewritten',
        status: 200,
        file: 'page.html',
        headers: { 'Content-Type': 'text/html; charset=utf-8' },
      },
      { ask: '/rewritten-html', status: 200, file: 'page.html' },
      { ask: '/r/anything', status: 200, file: 'page.html' },
      { ask: '/teapot', status: 404, file: 'closed.html' },
      { ask: '/nowhere', status: 404 },
      to('/add-slash', 307, '/add-slash/'),
      { ask: '/add-slash/', status: 200, file: 'add-slash/index.html' },
      to('/Case', 301, '/new'),
      { ask: '/case', status: 404 },
      to('/caf%C3%A9', 301, '/new'),
      to('/%C3%BCbung', 301, '/new'),
      to('/to-unicode', 301, '/%C3%BCbung/x'),
      to('/dollar', 301, '/a%24b'),
      to('/o/evil.example', 301, '/evil.example'),
      to('/o%2f%2fevil.example', 301, '/evil.example'),
      to('/o/%5cevil.example', 301, '/%5Cevil.example'),
      to('/wiki/File:Logo', 301, '/logo'),
      to('/x/y', 301, '/first'),
      to('/post/a', 301, '/news/a'),
      to('/post/a/', 301, '/news/a'),
      { ask: '/same', status: 404 },
      to('/language', 301, '/language?lang=en'),
      { ask: '/language?lang=en', status: 404 },
      to('/signs/a%26b%2Bc%3Bd', 301, '/s/a%26b%2Bc%3Bd'),
      to('/signs/%5Bid%5D/%40x', 301, '/s/[id]/@x'),
      { ask: 'POST /old', with: { 'Content-Length': '0' }, status: 405 },
      { ask: '/_redirects', status: 404 },
    ],
  },
  {
    title: '_redirects: /* /index.html 200 is single-page-application',
    site: {
      files: { 'index.html': 'the app', 'assets/a.js': 'a' },
      redirects: '/api/* https://api.example/:splat 302\n/* /index.html 200\n/late /never',
    },
    cases: [
      { ask: '/deep/link', with: { Accept: 'text/html' }, status: 200, file: 'index.html' },
      { ask: '/late', with: { Accept: 'text/html' }, status: 200, file: 'index.html' },
      to('/api/users', 302, 'https://api.example/users'),
      { ask: '/assets/a.js', status: 200, file: 'assets/a.js' },
      { ask: '/assets/gone.js', with: { Accept: '*/*' }, status: 404 },
    ],
  },
  {
    title: '_headers',
    site: {
      files: {
        'index.html': 'home',
        'page.html': 'page',
        'secure/a.html': 'a',
        'downloads/r 1.zip': 'zip',
        'splat/a/b.txt': 'b',
        'nosniff.html': 'n',
        'data.json': '{}',
        'deep/data.json': '{}',
        'café/a.txt': 'a',
        'assets/app-DiwrgTda.js': 'js',
        '404.html': 'not here',
      },
      headers: HEADERS,
    },
    cases: [
      {
        ask: '/',
        status: 200,
        headers: { 'X-Frame-Options': 'DENY', 'X-Shared': 'one', 'Cache-Control': 'public, max-age=60' },
      },
      {
        ask: '/page',
        status: 200,
        headers: { 'X-Shared': 'one, two', 'Content-Type': 'text/plain; charset=utf-8' },
      },
      { ask: '/page/', status: 307, headers: { 'X-Shared': 'one' } },
      { ask: '/secure/a/', status: 307, headers: { 'X-Frame-Options': null, 'X-Shared': 'one' } },
      {
        ask: '/secure/a',
        status: 200,
        headers: {
          'X-Frame-Options': null,
          'Content-Security-Policy': `default-src 'self'; frame-ancestors "none" $host \\`,
        },
      },
      {
        ask: '/downloads/r%201.zip',
        status: 200,
        headers: { 'Content-Disposition': 'attachment; filename="r%201.zip"' },
      },
      { ask: '/splat/a/b.txt', status: 200, headers: { 'X-Splat': '<a/b.txt>; :unknown' } },
      { ask: '/splat/', status: 404, headers: { 'X-Splat': '<>; :unknown', 'X-Empty': null } },
      { ask: '/nosniff', status: 200, headers: { 'X-Content-Type-Options': null, 'Cache-Control': null } },
      { ask: '/data.json', status: 200, headers: { 'Access-Control-Allow-Origin': '*, https://a.example' } },
      { ask: '/deep/data.json', status: 200, headers: { 'Access-Control-Allow-Origin': /a\.example/ } },
      { ask: '/caf%C3%A9/a.txt', status: 200, headers: { 'X-Cafe': 'yes' } },
      {
        ask: '/nope',
        status: 404,
        file: '404.html',
        headers: { 'X-Frame-Options': 'DENY', 'Cache-Control': 'public, max-age=0, must-revalidate' },
      },
      { ask: '/assets/app-DiwrgTda.js', status: 200, headers: { 'Cache-Control': 'public, max-age=60' } },
      { ask: '/', with: { 'If-None-Match': '*' }, status: 304, headers: { 'X-Frame-Options': 'DENY' } },
      { ask: '/_headers', status: 404 },
    ],
  },
]
