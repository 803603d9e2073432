/** Bytes of DNS messages, read within their bounds and written. */
import { labelsOf, nameText } from './name.ts'

/** What came is no DNS message. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage'
}

export class WireReader {
  readonly bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  u8(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new MalformedMessage('it ends too early')
    return byte
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8()
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16()
  }

  u48(): number {
    return this.u16() * 0x1_0000_0000 + this.u32()
  }

  take(length: number): Uint8Array {
    const end = this.at + length
    if (end > this.bytes.length) throw new MalformedMessage('it ends too early')
    return this.bytes.subarray(this.at, (this.at = end))
  }

  /** The labels of a name, which may go on elsewhere (RFC 1035 §4.1.4): only ever further up, so that it ends. */
  labels(): Uint8Array[] {
    const labels: Uint8Array[] = []
    let size = 1
    let end: number | null = null
    let start = this.at
    for (;;) {
      const length = this.u8()
      if (length === 0) break
      if (length >= 0xc0) {
        const target = (length - 0xc0) * 0x100 + this.u8()
        end ??= this.at
        if (target >= start) throw new MalformedMessage('a name points ahead')
        start = this.at = target
      } else if (length > 63 || (size += length + 1) > 255) {
        throw new MalformedMessage('a name is too long')
      } else {
        labels.push(this.take(length))
      }
    }
    if (end !== null) this.at = end
    return labels
  }

  name(): string {
    return nameText(this.labels())
  }
}

export class WireWriter {
  private readonly pieces: Uint8Array[] = []

  u8(value: number): this {
    return this.add(Uint8Array.of(value))
  }

  u16(value: number): this {
    return this.add(Uint8Array.of(value >>> 8, value & 0xff))
  }

  u32(value: number): this {
    return this.u16(Math.floor(value / 0x1_0000)).u16(value % 0x1_0000)
  }

  u48(value: number): this {
    return this.u16(Math.floor(value / 0x1_0000_0000)).u32(value % 0x1_0000_0000)
  }

  add(bytes: Uint8Array): this {
    this.pieces.push(bytes)
    return this
  }

  /** Never compressed: what is signed and compared is whole. */
  labels(labels: readonly Uint8Array[]): this {
    for (const label of labels) this.u8(label.length).add(label)
    return this.u8(0)
  }

  name(text: string): this {
    return this.labels(labelsOf(text))
  }

  /** With its length in two bytes before it. */
  counted(bytes: Uint8Array): this {
    return this.u16(bytes.length).add(bytes)
  }

  done(): Uint8Array {
    return Buffer.concat(this.pieces)
  }
}
