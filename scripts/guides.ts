/** The guides of docs/ as pages of the server: what GitHub shows, under our own style and policy. */
import { readdirSync } from 'node:fs'
import { dirname, posix } from 'node:path'
import { Marked } from 'marked'

/** `api.md`, `guides/curl.md`: every guide below docs/. */
export const guidesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .toSorted()

/** The title and the HTML of a guide; `path` is that of its file below docs/, so that links lead to where they should. */
export function rendered(markdown: string, path: string): { title: string; html: string } {
  const marked = new Marked({ gfm: true, async: false })
  marked.use({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${anchorOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens)
        const address = addressOf(href, path)
        return address === null ? text : `<a href="${address}">${text}</a>`
      },
      image: ({ text }) => text,
    },
  })
  const title = /^# (.+)$/m.exec(markdown)?.[1] ?? path
  return { title, html: marked.parse(markdown.replace(/<!--[\s\S]*?-->\n/g, '')) as string }
}

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s+/g, '-')

/** Guides link to each other by file; what is not served is no link. */
function addressOf(href: string, path: string): string | null {
  if (/^(https?:|#|\/)/.test(href)) return href
  const [file = '', anchor] = href.split('#')
  const target = posix.join('/docs', dirname(path), file)
  if (!target.startsWith('/docs/') || !target.endsWith('.md')) return null
  return `${target.slice(0, -'.md'.length)}${anchor === undefined ? '' : `#${anchor}`}`
}
