import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { errnoOf, shown } from '../../base/fault.ts'
import { removeAll, syncFolder, writeDurably } from '../../base/files.ts'
import { certificatePath } from '../../domain/host-files.ts'
import type { CertificateFiles, CertificatePem } from '../../ports/certificates.ts'
import { folders } from './folders.ts'

const ID = /^[a-z0-9-]{1,64}$/
const ENDING = '.pem'
const PEM_BLOCK = /-----BEGIN ([A-Z ]+)-----\r?\n[A-Za-z0-9+/=\r\n]+-----END \1-----/g

/**
 * DATA/certificates. NGINX's first process reads the files too, as root; to everybody else they are closed. Backups hold
 * none of them: the database can write them all anew.
 */
export function diskCertificates(data: string): CertificateFiles {
  const folder = folders.certificates(data)
  const pathOf = (id: string) => {
    if (!ID.test(id)) throw new Error(`"${shown(id)}" is no id of a certificate`)
    return certificatePath(data, id)
  }
  return {
    async read(id) {
      const text = await textOf(pathOf(id))
      const pem = text === null ? null : fitting(text)
      return pem && { ...pem, ...((await isOpen(pathOf(id))) && { isOpen: true }) }
    },

    async put(id, { key, chain }) {
      await writeDurably(pathOf(id), `${key.trim()}\n${chain.trim()}\n`, folders.staging(data))
    },

    async drop(id) {
      await removeAll(pathOf(id))
      await syncFolder(folder)
    },

    async list() {
      const names = (await readdir(folder)).filter((name) => name.endsWith(ENDING))
      return names.map((name) => name.slice(0, -ENDING.length)).filter((id) => ID.test(id))
    },
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'EACCES', 'ELOOP'].includes(errnoOf(error) ?? '')) return null
    throw error
  }
}

const isOpen = async (path: string): Promise<boolean> =>
  await stat(path).then(
    ({ mode }) => (mode & 0o077) !== 0,
    () => false,
  )

/** Null unless it is one key and a chain whose first certificate is the key's. */
function fitting(text: string): CertificatePem | null {
  const blocks = [...text.matchAll(PEM_BLOCK)]
  const keys = blocks.filter(([, label]) => label === 'PRIVATE KEY').map(([block]) => block)
  const certificates = blocks.filter(([, label]) => label === 'CERTIFICATE').map(([block]) => block)
  const [key] = keys
  const isComplete = keys.length === 1 && certificates.length > 0
  if (key === undefined || !isComplete || blocks.length !== keys.length + certificates.length) return null
  try {
    const [leaf] = certificates.map((block) => new X509Certificate(block))
    if (!leaf?.checkPrivateKey(createPrivateKey(key))) return null
  } catch {
    // What can't be parsed is none.
    return null
  }
  return { key: `${key}\n`, chain: certificates.map((block) => `${block}\n`).join('') }
}
