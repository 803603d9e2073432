/** The zone in which drivers are tried: full of what is somebody else's. Everything of ours lies below `ours.`. */
export const ZONE = 'example.com'
export const OURS = `ours.${ZONE}`

/** In master file syntax, each with a whole name. */
export const FOREIGN = `
example.com. 3600 IN NS ns1.example.com.
example.com. 3600 IN MX 10 mail.example.com.
example.com. 300 IN A 192.0.2.10
example.com. 300 IN TXT "v=spf1 mx -all"
example.com. 300 IN CAA 0 issue "letsencrypt.org"
ns1.example.com. 3600 IN A 127.0.0.1
mail.example.com. 300 IN A 192.0.2.20
mail.example.com. 300 IN AAAA 2001:db8::20
taken.example.com. 120 IN A 192.0.2.30
taken.example.com. 120 IN A 192.0.2.31
texts.example.com. 300 IN TXT "with \\"quotes\\" and \\\\ and ;" "second string"
texts.example.com. 300 IN TXT "other"
alias.example.com. 300 IN CNAME mail.example.com.
*.wild.example.com. 300 IN A 192.0.2.40
_sip._tcp.example.com. 300 IN SRV 10 5 5060 mail.example.com.
handed.example.com. 300 IN NS ns1.elsewhere.example.
beside.ours.example.com. 300 IN A 192.0.2.50
`.trim()

export const SOA = 'example.com. 3600 IN SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 60'

/** Of a dump, the lines that no test may ever change: all but the SOA, whose serial counts changes, and what is ours. */
export const foreignLines = (dump: string[]): string[] =>
  dump
    .filter((line) => !/\bSOA\b/.test(line) && (!line.includes(OURS) || line.includes(`beside.${OURS}`)))
    .toSorted()
