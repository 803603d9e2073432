/** CAs that people know by a name. */
export const KNOWN_AUTHORITIES = [
  {
    word: 'letsencrypt',
    label: "Let's Encrypt",
    directoryUrl: 'https://acme-v02.api.letsencrypt.org/directory',
  },
  {
    word: 'letsencrypt-staging',
    label: "Let's Encrypt (staging)",
    directoryUrl: 'https://acme-staging-v02.api.letsencrypt.org/directory',
  },
] as const

/** How a CA is called: by its name where it has one, else by its host. */
export function authorityLabel(directoryUrl: string): string {
  const known = KNOWN_AUTHORITIES.find((one) => one.directoryUrl === directoryUrl)
  return known?.label ?? URL.parse(directoryUrl)?.host ?? directoryUrl
}

/** The address of a CA that is named by its word; any other text is one already. */
export const directoryOf = (text: string): string =>
  KNOWN_AUTHORITIES.find(({ word }) => word === text)?.directoryUrl ?? text
