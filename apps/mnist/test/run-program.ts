import { spawn } from 'node:child_process'

const source = process.env['TEST_DIST'] ? [] : ['--conditions=@badak/source']

/** Where a program runs, and how it is stopped. */
export interface ProgramOptions {
  readonly cwd: string
  /** When this text has been printed, it gets a signal. */
  readonly interruptAfter?: string
  /** Default `SIGINT`. */
  readonly signal?: 'SIGINT' | 'SIGKILL'
}

/** Runs a program to its end. */
export async function runProgram(
  main: string,
  args: readonly string[],
  { cwd, interruptAfter, signal = 'SIGINT' }: ProgramOptions,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [...source, '--disable-warning=ExperimentalWarning', main, ...args], {
    cwd,
  })
  let [out, err, waiting] = ['', '', interruptAfter]
  child.stderr.on('data', (part: Buffer) => (err += part))
  child.stdout.on('data', (part: Buffer) => {
    out += part
    if (waiting !== undefined && out.includes(waiting)) {
      waiting = undefined
      child.kill(signal)
    }
  })
  const code = await new Promise<number | null>((done) => child.on('close', done))
  return { code, out, err }
}
