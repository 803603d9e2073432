/** A line of CSV (RFC 4180), in which nothing is a formula to a spreadsheet (THREATS X07). */
export const csvLine = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`

/** What some spreadsheet would reckon with begins with one of these, or its full-width twin; a quote makes it text. */
const FORMULA = /^[=+\-@\t\r\n|%＝＋－＠]/

function cell(text: string): string {
  const plain = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n']/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
