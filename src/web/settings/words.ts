/** Settings that are lists, as a person writes them in one line. */
import type { Settings } from '../../contract/shapes/settings.ts'

type Listen = Settings['gateway']['nginx']['listen'][number]

/** With spaces or commas between. */
export const listOf = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '')

export const listenText = (listens: readonly Listen[]): string =>
  listens
    .map(({ address, port }) => {
      if (address === null) return String(port)
      return `${address.includes(':') ? `[${address}]` : address}:${port}`
    })
    .join(' ')

/** Null: a word is none. */
export function listensOf(text: string): Listen[] | null {
  const listens = listOf(text).map((word) => {
    const [, bracketed, plain, port] = /^(?:(?:\[([0-9a-f:.]+)\]|([\d.]+)):)?(\d{1,5})$/i.exec(word) ?? []
    return port === undefined ? null : { address: bracketed ?? plain ?? null, port: Number(port) }
  })
  return listens.length > 0 && listens.every((each) => each !== null) ? listens : null
}
