/** What on this machine keeps NGINX from serving sites, or will, each with the line that mends it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { LIMITS } from '../../base/limits.ts'
import { mayWrite } from '../../base/machine.ts'
import { run } from '../../base/run.ts'
import { SIZES } from '../../domain/nginx/http.ts'
import { SHARED_FILE } from '../../domain/nginx/site.ts'
import type { Finding } from '../../ports/hosts.ts'
import { httpsFindings } from './inspect-https.ts'
import { findBuild, type NginxBuild, type NginxMachine, setupOf } from './layout.ts'
import { at, listenFindings } from './listening.ts'
import { isFolder, textOf } from './machine.ts'
import { type OperatorConfig, readOperatorConfig } from './operator.ts'
import { reachable } from './probe.ts'
import { testConfig } from './program.ts'
import { identityOfName, nameOf, readableFindings } from './readable.ts'
import { RunningNginx } from './running.ts'
import type { SecuredNames } from './secured-names.ts'
import type { Argv, NginxSettings, NginxSetup } from './settings.ts'
import { isTaken } from './taken.ts'
import { identityOf, workersOf } from './workers.ts'

export interface InspectOptions {
  data: string
  settings: NginxSettings
  machine: NginxMachine
  clock: Clock
  secured: SecuredNames
  /** Called before NGINX reads its configuration. */
  mendCertificates?: () => Promise<void>
}

interface Known {
  data: string
  setup: NginxSetup
  build: NginxBuild
  operator: OperatorConfig
  running: RunningNginx
  machine: NginxMachine
  /** Whether a site of ours answers over HTTPS. */
  isSecured: boolean
  mendCertificates: () => Promise<void>
}

const problem = (message: string, remedy: string): Finding => ({ level: 'problem', message, remedy })
const warning = (message: string, remedy: string): Finding => ({ level: 'warning', message, remedy })

/**
 * Looks at the machine, again and again: what a test of the whole configuration has found right is not tested again before
 * the operator's files have changed, since that takes longer than all the rest when there are thousands of sites.
 */
export function inspector(options: InspectOptions): Record<'check' | 'checkHttps', () => Promise<Finding[]>> {
  let sound = ''
  return {
    async check() {
      const known = await knownOf(options).catch(asFinding)
      if ('level' in known) return [known]
      const files = JSON.stringify([known.setup, known.operator.files])
      const tested = files === sound ? [] : await commandFindings(known)
      if (tested.length === 0) sound = files
      return unique([...tested, ...(await otherFindings(known))])
    },
    async checkHttps() {
      const known = await knownOf(options).catch(asFinding)
      return 'level' in known ? [known] : await httpsFindings(known)
    },
  }
}

const unique = (all: readonly Finding[]): Finding[] =>
  all.filter(({ message }, index) => all.findIndex((other) => other.message === message) === index)

/** What testing and reloading need. */
const commandFindings = async (known: Known): Promise<Finding[]> => [
  ...folderFindings(known),
  ...(await testFindings(known)),
  ...(await mayNotRun(known, known.setup.reload)),
]

/** In the order in which they are to be mended. */
const otherFindings = async (known: Known): Promise<Finding[]> => [
  ...folderFindings(known),
  ...includeFindings(known),
  ...(await runningFindings(known)),
  ...listenFindings(known.operator, known.setup.listen),
  ...(known.isSecured ? await httpsFindings(known) : []),
  ...hashFindings(known),
  ...(await workerFindings(known)),
  ...logFindings(known),
  ...selinuxFindings(known),
]

async function knownOf(options: InspectOptions): Promise<Known> {
  const { data, settings, machine, clock, secured, mendCertificates = async () => {} } = options
  const build = await findBuild(settings, machine)
  const setup = setupOf(settings, build, machine)
  const place = {
    config: setup.config,
    prefix: build.prefix,
    enabled: setup.enabled,
    ours: join(data, 'nginx'),
  }
  const operator = readOperatorConfig(place)
  const running = new RunningNginx({
    setup,
    pidFile: operator.pid ?? build.pid,
    errorLog: operator.errorLog ?? build.errorLog,
    clock,
    appliedMs: LIMITS.nginx.appliedMs,
  })
  await secured.look()
  const isSecured = setup.tls !== null || secured.any([])
  return { data, setup, build, operator, running, machine, isSecured, mendCertificates }
}

function folderFindings({ setup: { enabled, available }, machine }: Known): Finding[] {
  const user = nameOf(machine.userId)
  return [enabled, available]
    .filter((folder) => folder !== null)
    .flatMap((folder) => {
      if (!isFolder(folder))
        return [problem(`There is no folder ${folder}.`, `install -d -o ${user} -m 0755 ${folder}`)]
      if (mayWrite(folder)) return []
      return [
        problem(
          `You (${user}) may not write in ${folder}.`,
          `chown ${user} ${folder} (whoever may write there and reload NGINX is as good as root)`,
        ),
      ]
    })
}

async function testFindings(known: Known): Promise<Finding[]> {
  const { setup } = known
  const mayNot = await mayNotRun(known, setup.test)
  if (mayNot.length > 0) return mayNot
  try {
    await known.mendCertificates()
    const complaint = await testConfig(setup.test, LIMITS.nginx.commandMs)
    if (complaint === null) return []
    return [
      problem(
        `NGINX refuses its configuration as it is: ${complaint.line}`,
        `Mend ${complaint.file ?? 'it'}; "${setup.test.join(' ')}" tells when it is right.`,
      ),
    ]
  } catch (error) {
    return [asFinding(error)]
  }
}

const isSudo = (program: string): boolean => program === 'sudo' || program.endsWith('/sudo')

/** Whether sudo lets us can be asked without doing it. */
async function mayNotRun(known: Known, [program, ...rest]: Argv): Promise<Finding[]> {
  if (!isSudo(program)) return []
  try {
    const { code, stderr } = await run([program, '-n', '-l', ...rest.filter((arg) => arg !== '-n')])
    return code === 0 ? [] : [sudoFinding(known, stderr.trim().split('\n').at(-1) ?? '')]
  } catch (error) {
    return [asFinding(error)]
  }
}

function sudoFinding({ setup: { test, reload }, machine }: Known, line: string): Finding {
  const user = nameOf(machine.userId)
  const allowed = ([program, ...rest]: Argv) =>
    `${user} ALL=(root) NOPASSWD: ${(isSudo(program) ? rest : [program, ...rest]).filter((arg) => arg !== '-n').join(' ')}`
  return problem(
    `You (${user}) may not test and reload NGINX${line === '' ? '' : `: ${line}`}.`,
    `Put these two lines into /etc/sudoers.d/fairlead (visudo -f /etc/sudoers.d/fairlead): ${allowed(test)} · ${allowed(reload)}`,
  )
}

function includeFindings({ setup, operator }: Known): Finding[] {
  const line = `include ${setup.enabled}/*.conf;`
  const unread = operator.unread
    .slice(0, 5)
    .map((text) =>
      warning(
        `A file of NGINX's configuration can't be read: ${text}`,
        'Let Fairlead read it, so that it can tell what is set there.',
      ),
    )
  if (operator.httpBlock === null)
    return unread.length > 0 ? unread : [problem(`${setup.config} has no http { }.`, `Add: http { ${line} }`)]
  if (operator.include !== null) return unread
  return [
    ...unread,
    problem(
      `Nothing in http { } includes the sites in ${setup.enabled}.`,
      `Add inside http { } (${at(operator.httpBlock)}): ${line}`,
    ),
  ]
}

async function runningFindings({ data, setup, operator, running }: Known): Promise<Finding[]> {
  const mark = await running.mark()
  if (mark !== null) return []
  const [listen] = setup.listen
  const where = listen && `${reachable(listen)}, port ${listen.port}`
  if (running.master() === null)
    return [
      problem(
        'NGINX does not run, or its pid file can not be read.',
        'systemctl start nginx (or: rc-service nginx start)',
      ),
    ]
  if (existsSync(join(data, 'nginx', SHARED_FILE)))
    return [
      problem(
        `NGINX does not answer for Fairlead at ${where}.`,
        `See what does (ss -ltnp), and whether ${setup.enabled}/${SHARED_FILE} is still there.`,
      ),
    ]
  const taken = await Promise.all(setup.listen.map((one) => isTaken(one, operator)))
  return setup.listen
    .filter((_, index) => taken[index])
    .map(({ port }) =>
      problem(
        `Port ${port} is used by another program than NGINX.`,
        'End it (ss -ltnp shows which it is), or let sites listen elsewhere: fairlead setting set gateway.nginx.listen',
      ),
    )
}

/** Sizes that are the operator's since he has set them, and that are less than sites may need. */
const hashFindings = ({ operator }: Known): Finding[] =>
  SIZES.flatMap(([name, size]) => {
    const found = operator.http.get(name)
    if (found === undefined || Number(found.args[0]) >= Number(size)) return []
    const what = name.startsWith('server_names') ? 'long host names' : 'some sites'
    return [
      warning(
        `${at(found)} sets ${name} to ${found.args[0]}, which is too small for ${what}: they are refused.`,
        `Write there: ${name} ${size};`,
      ),
    ]
  })

async function workerFindings({ data, build, operator, running, machine }: Known): Promise<Finding[]> {
  const master = running.master()
  const workers = (master === null ? null : workersOf(master)) ?? []
  // One that is beginning is still whoever its master is.
  const worker = workers.find(({ state }) => state !== 'beginning')
  const identity = (worker && identityOf(worker.pid)) ?? identityOfName(operator.user ?? build.user)
  return identity === null ? [] : await readableFindings(data, identity, machine.userId)
}

function logFindings({ setup: { logFolder } }: Known): Finding[] {
  if (logFolder === null || isFolder(logFolder)) return []
  return [
    problem(
      `The folder of access logs ${logFolder} is not there, and NGINX refuses its configuration without it.`,
      `install -d -m 0755 ${logFolder}`,
    ),
  ]
}

function selinuxFindings({ data }: Known): Finding[] {
  const enforced = textOf('/sys/fs/selinux/enforce')?.trim() === '1'
  if (!enforced) return []
  return [
    warning(
      `SELinux is enforced here, and may keep NGINX from reading ${data}.`,
      `semanage fcontext -a -t httpd_sys_content_t '${data}(/.*)?' && restorecon -R ${data}`,
    ),
  ]
}

const asFinding = (error: unknown): Finding => {
  if (error instanceof Fault) return problem(error.message, error.hint ?? '')
  throw error
}
