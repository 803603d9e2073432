import type { CaseGroup } from './table.ts'

const REVALIDATE = 'public, max-age=0, must-revalidate'
const IMMUTABLE = 'public, max-age=31536000, immutable'

const cached = (ask: string, value: string) => ({ ask, status: 200, headers: { 'Cache-Control': value } })

const FINGERPRINTED = [
  'assets/index-DiwrgTda.js',
  'assets/index-a1b2c3d4.css',
  'assets/deep/er/chunk_ABCDefgh.js',
  'assets/logo.8a9b0c1d.svg',
  'assets/font-Ab_-Cd3f.woff2',
  '_astro/page.D3f4aBcd.css',
  '_app/immutable/entry/start.CtYj3PqB.js',
  '_next/static/chunks/main-4a1b2c3d4e5f.js',
  'static/js/main.8a9b0c1d.js',
]

const PLAIN = [
  'index-DiwrgTda.js',
  'other/index-DiwrgTda.js',
  'assets/index.js',
  'assets/index-short1.js',
  'assets/index-allsmall.js',
  'assets/index-ALLCAPITAL.js',
  'assets/DiwrgTda.js',
  'assets/index@DiwrgTda1.js',
  'assets/nothing-DiwrgTda',
  '_app/version.json',
  '_app/start.CtYj3PqB.js',
]

const TYPES: Record<string, string> = {
  'a.html': 'text/html; charset=utf-8',
  'a.css': 'text/css; charset=utf-8',
  'a.js': 'text/javascript; charset=utf-8',
  'a.mjs': 'text/javascript; charset=utf-8',
  'a.txt': 'text/plain; charset=utf-8',
  'a.md': 'text/markdown; charset=utf-8',
  'a.json': 'application/json',
  'a.js.map': 'application/json',
  'a.webmanifest': 'application/manifest+json',
  'a.xml': 'application/xml',
  'a.svg': 'image/svg+xml',
  'a.png': 'image/png',
  'a.jpg': 'image/jpeg',
  'a.webp': 'image/webp',
  'a.avif': 'image/avif',
  'a.ico': 'image/x-icon',
  'a.woff2': 'font/woff2',
  'a.wasm': 'application/wasm',
  'a.pdf': 'application/pdf',
  'a.mp4': 'video/mp4',
  'A.PNG': 'image/png',
  'a.unknown': 'application/octet-stream',
  'a.constructor': 'application/octet-stream',
  LICENSE: 'application/octet-stream',
}

const PAGE = 'p'.repeat(100)

/** Cache-Control, Content-Type, conditions, ranges, compression, asset grace. */
export const CACHE_CASES: CaseGroup[] = [
  {
    title: 'Cache-Control: fingerprinted files of build folders for a year',
    site: {
      files: Object.fromEntries([...FINGERPRINTED, ...PLAIN, 'index.html'].map((name) => [name, name])),
    },
    cases: [
      ...FINGERPRINTED.map((name) => cached(`/${name}`, IMMUTABLE)),
      ...PLAIN.map((name) => cached(`/${name}`, REVALIDATE)),
      cached('/', REVALIDATE),
      { ask: '/assets/gone-DiwrgTda.js', status: 404, headers: { 'Cache-Control': REVALIDATE } },
      { ask: '/index.html', status: 307, headers: { 'Cache-Control': REVALIDATE } },
    ],
  },
  {
    title: 'build folders are a setting',
    site: {
      files: { 'build/a-DiwrgTda.js': 'a', 'assets/a-DiwrgTda.js': 'a' },
      settings: { buildFolders: ['build/'] },
    },
    cases: [cached('/build/a-DiwrgTda.js', IMMUTABLE), cached('/assets/a-DiwrgTda.js', REVALIDATE)],
  },
  {
    title: 'Content-Type by extension, text as UTF-8, never sniffed',
    site: {
      files: Object.fromEntries(Object.keys(TYPES).map((name) => [name, name])),
      settings: { htmlHandling: 'none' },
    },
    cases: Object.entries(TYPES).map(([name, type]) => ({
      ask: `/${name}`,
      status: 200,
      file: name,
      headers: { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff', 'Content-Disposition': null },
    })),
  },
  {
    title: 'ETag and If-None-Match',
    site: { files: { 'page.txt': PAGE, 'empty.txt': '' } },
    cases: [
      {
        ask: '/page.txt',
        status: 200,
        headers: {
          ETag: '"5115402e-64"',
          'Content-Length': '100',
          'Accept-Ranges': 'bytes',
          Vary: 'Accept-Encoding',
        },
      },
      {
        ask: '/page.txt',
        with: { 'If-None-Match': '"5115402e-64"' },
        status: 304,
        body: '',
        headers: { ETag: '"5115402e-64"', 'Cache-Control': REVALIDATE, 'Content-Type': null },
      },
      { ask: '/page.txt', with: { 'If-None-Match': 'W/"5115402e-64"' }, status: 304 },
      { ask: '/page.txt', with: { 'If-None-Match': '"x", "5115402e-64"' }, status: 304 },
      { ask: '/page.txt', with: { 'If-None-Match': '*' }, status: 304 },
      { ask: 'HEAD /page.txt', with: { 'If-None-Match': '"5115402e-64"' }, status: 304, body: '' },
      { ask: '/page.txt', with: { 'If-None-Match': '"5115402e-63"' }, status: 200, file: 'page.txt' },
      { ask: '/page.txt', with: { 'If-None-Match': '5115402e-64' }, status: 200, file: 'page.txt' },
      { ask: '/page.txt', with: { 'If-None-Match': '' }, status: 200, file: 'page.txt' },
      { ask: '/page.txt', with: { 'If-None-Match': '*', Range: 'bytes=0-1' }, status: 304 },
      {
        ask: '/page.txt',
        with: { 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT', 'If-None-Match': '"x"' },
        status: 200,
      },
      { ask: '/empty.txt', status: 200, body: '', headers: { 'Content-Length': '0' } },
    ],
  },
  {
    title: 'Range: one range of a file, small or large',
    site: { files: { 'small.bin': 1000, 'large.bin': 300_000 } },
    cases: [
      // Nobody compresses a .bin, so nothing varies.
      { ask: '/small.bin', with: { 'Accept-Encoding': 'gzip' }, status: 200, headers: { Vary: null } },
      {
        ask: '/small.bin',
        with: { Range: 'bytes=0-9' },
        status: 206,
        body: '0123456789',
        headers: { 'Content-Range': 'bytes 0-9/1000', 'Content-Length': '10', ETag: /^"/ },
      },
      { ask: '/small.bin', with: { Range: 'bytes=10-' }, status: 206, headers: { 'Content-Length': '990' } },
      {
        ask: '/small.bin',
        with: { Range: 'bytes=-8' },
        status: 206,
        body: '6789abcd',
        headers: { 'Content-Range': 'bytes 992-999/1000' },
      },
      {
        ask: '/small.bin',
        with: { Range: 'bytes=990-5000' },
        status: 206,
        headers: { 'Content-Range': 'bytes 990-999/1000' },
      },
      { ask: '/small.bin', with: { Range: 'bytes=-5000' }, status: 206, file: 'small.bin' },
      {
        ask: '/small.bin',
        with: { Range: 'bytes=1000-' },
        status: 416,
        headers: { 'Content-Range': 'bytes */1000' },
      },
      { ask: '/small.bin', with: { Range: 'bytes=-0' }, status: 416 },
      { ask: '/small.bin', with: { Range: 'bytes=9-3' }, status: 416 },
      { ask: '/small.bin', with: { Range: 'bytes=x' }, status: 416 },
      { ask: '/small.bin', with: { Range: 'items=0-9' }, status: 200, file: 'small.bin' },
      { ask: '/small.bin', with: { Range: 'bytes=0-1,5-6' }, status: 200, file: 'small.bin' },
      { ask: '/small.bin', with: { Range: 'bytes=0-9', 'If-Range': '"no"' }, status: 200, file: 'small.bin' },
      {
        ask: 'HEAD /small.bin',
        with: { Range: 'bytes=0-9' },
        status: 206,
        body: '',
        headers: { 'Content-Length': '10' },
      },
      {
        ask: '/large.bin',
        status: 200,
        file: 'large.bin',
        headers: {
          'Content-Length': '300000',
          'Accept-Ranges': 'bytes',
          'Content-Disposition': /^(inline)?$/,
        },
      },
      { ask: 'HEAD /large.bin', status: 200, body: '', headers: { 'Content-Length': '300000' } },
      {
        ask: '/large.bin',
        with: { Range: 'bytes=17-200016' },
        status: 206,
        body: /^(0123456789abcdef-){3}/,
        headers: { 'Content-Range': 'bytes 17-200016/300000', 'Content-Length': '200000' },
      },
      { ask: '/large.bin', with: { Range: 'bytes=0-1,5-6' }, status: 200, file: 'large.bin' },
      { ask: '/large.bin', with: { Range: 'bytes=0-9', 'If-Range': '"no"' }, status: 200, file: 'large.bin' },
      { ask: '/large.bin', with: { Range: 'bytes=300000-' }, status: 416 },
    ],
  },
  {
    title: 'gzip by sibling, which is no URL of its own',
    site: {
      files: {
        'app.js': 3000,
        'plain.js': 100,
        'data.csv': 3000,
        'data.csv.gz': 'own bytes',
        'lone.gz': 'lone',
      },
      zipped: ['app.js'],
      ownGzip: ['data.csv.gz'],
    },
    cases: [
      {
        ask: '/app.js',
        with: { 'Accept-Encoding': 'gzip, deflate, br' },
        status: 200,
        headers: {
          'Content-Encoding': 'gzip',
          'Content-Type': 'text/javascript; charset=utf-8',
          Vary: 'Accept-Encoding',
          ETag: /^"[0-9a-f]+-[0-9a-f]{1,2}"$/,
        },
      },
      {
        ask: '/app.js',
        status: 200,
        file: 'app.js',
        headers: { 'Content-Encoding': null, Vary: 'Accept-Encoding', ETag: /-bb8"$/ },
      },
      {
        ask: '/app.js',
        with: { 'Accept-Encoding': 'GZIP' },
        status: 200,
        headers: { 'Content-Encoding': 'gzip' },
      },
      {
        ask: '/app.js',
        with: { 'Accept-Encoding': 'gzip;q=0.5' },
        status: 200,
        headers: { 'Content-Encoding': 'gzip' },
      },
      { ask: '/app.js', with: { 'Accept-Encoding': 'gzip;q=0' }, status: 200, file: 'app.js' },
      { ask: '/app.js', with: { 'Accept-Encoding': 'br' }, status: 200, file: 'app.js' },
      { ask: '/app.js', with: { 'Accept-Encoding': 'xgzip' }, status: 200, file: 'app.js' },
      { ask: '/app.js', with: { 'Accept-Encoding': 'identity' }, status: 200, file: 'app.js' },
      {
        ask: 'HEAD /app.js',
        with: { 'Accept-Encoding': 'gzip' },
        status: 200,
        body: '',
        headers: { 'Content-Encoding': 'gzip' },
      },
      {
        ask: '/app.js',
        with: { 'Accept-Encoding': 'gzip', 'If-None-Match': '*' },
        status: 304,
        headers: { Vary: 'Accept-Encoding' },
      },
      { ask: '/app.js', with: { 'Accept-Encoding': 'gzip', Range: 'bytes=0-1' }, status: [200, 206] },
      {
        ask: '/plain.js',
        with: { 'Accept-Encoding': 'gzip' },
        status: 200,
        file: 'plain.js',
        headers: { Vary: 'Accept-Encoding' },
      },
      { ask: '/lone.gz', status: 200, file: 'lone.gz', headers: { Vary: 'Accept-Encoding' } },
      { ask: '/app.js.gz', status: 404 },
      {
        ask: '/data.csv.gz',
        status: 200,
        file: 'data.csv.gz',
        headers: { 'Content-Type': 'application/gzip' },
      },
      {
        ask: '/data.csv',
        with: { 'Accept-Encoding': 'gzip' },
        status: 200,
        file: 'data.csv.gz',
        headers: { 'Content-Type': 'text/csv; charset=utf-8' },
      },
      { ask: '/lone.gz', status: 200, file: 'lone.gz', headers: { 'Content-Encoding': null } },
    ],
  },
  {
    title: 'asset grace: fingerprinted files of earlier trees',
    site: {
      files: { 'index.html': 'new', 'assets/app-NewNew12.js': 'new' },
      grace: {
        'assets/app-OldOld12.js': 'old',
        'assets/app-NewNew12.js': 'old bytes',
        'assets/plain.js': 'never linked',
        'gone.html': 'never linked',
        'assets/page-OldOld12.html': 'no asset',
      },
      settings: { notFoundHandling: 'single-page-application' },
    },
    cases: [
      {
        ask: '/assets/app-OldOld12.js',
        status: 200,
        file: 'assets/app-OldOld12.js',
        headers: { 'Cache-Control': IMMUTABLE, 'Content-Type': 'text/javascript; charset=utf-8' },
      },
      { ask: '/assets/app-NewNew12.js', status: 200, file: 'assets/app-NewNew12.js' },
      { ask: '/assets/plain.js', status: 404 },
      { ask: '/assets/page-OldOld12.html', with: { Accept: 'application/json' }, status: 404 },
      { ask: '/assets/page-OldOld12', with: { Accept: 'application/json' }, status: 404 },
      { ask: '/gone.html', with: { Accept: 'application/json' }, status: 404 },
      { ask: '/assets/../../x', status: [200, 400, 404] },
    ],
  },
]
