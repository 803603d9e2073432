/** Names in lower case, each once. */
export type HeaderList = [name: string, value: string][]

const TITLES = {
  400: 'Bad request',
  404: 'Not found',
  405: 'Method not allowed',
  416: 'Range not satisfiable',
  421: 'Misdirected request',
  500: 'Something went wrong',
  503: 'Not available right now',
} as const

export type NeutralStatus = keyof typeof TITLES

export const NEUTRAL_TYPE = 'text/html; charset=utf-8'

/** For answers that no site's rules have shaped. */
export const NEUTRAL_HEADERS: HeaderList = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
]

/** Said of a name under which no site has been put yet. */
export const NOTHING_YET = 'Nothing is deployed here yet.'

const STYLE =
  'font:1.1rem/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;margin:0 1rem'

/**
 * A page that tells nothing of the product, the site or the disk (THREATS N26). On one line, so that it can stand in a
 * configuration as it is.
 */
export function neutralPage(status: NeutralStatus, sentence: string = TITLES[status]): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${TITLES[status]}</title>`,
    `<style>body{${STYLE}}</style>`,
    `<p>${sentence}</p>`,
    '</html>',
  ].join('')
}
