declare module '*.sql' {
  const text: string
  export default text
}

/** Imported as a file: its path, on the disk or inside the executable. */
declare module '@zxcvbn-ts/language-common/src/passwords.json' {
  const path: string
  export default path
}
