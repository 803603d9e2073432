/** One rule of a `_headers` file, as Cloudflare reads it. */
export interface HeaderRule {
  /** Path pattern with `*` splats and `:placeholders`. */
  pattern: string
  set: [name: string, value: string][]
  /** Header names after `! `. */
  unset: string[]
}

export function parseHeaders(_text: string): { rules: HeaderRule[] } {
  return { rules: [] }
}
