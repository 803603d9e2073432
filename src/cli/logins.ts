/** API keys that `fairlead login` has kept on this machine: one a server. The environment variables come first. */

export interface Login {
  server: string
  key: string
  /** The id of the key, if it was made by the login: then the logout revokes it. */
  keyId: string | null
}

/** Where they are kept: a file that nobody else reads. */
export interface Logins {
  /** The last used first. Throws `broken_data`. */
  all(): readonly Login[]
  save(logins: readonly Login[]): Promise<void>
  /** What this machine is called, for the name of its key. */
  hostname: string
}

export const without = (logins: readonly Login[], server: string): Login[] =>
  logins.filter((login) => login.server !== server)
