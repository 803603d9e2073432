export interface RedirectRule {
  from: string
  to: string
  status: number
  /** `!`: even where a file exists. */
  force: boolean
}

export function parseRedirects(_text: string): { rules: RedirectRule[]; singlePage: boolean } {
  return { rules: [], singlePage: false }
}
