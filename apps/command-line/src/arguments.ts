import { parseArgs, type ParseArgsConfig } from 'node:util'

/** A mistake in the command line, told in one line. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** What `parseArgs` gives. @throws UsageError for options that are not known, or lack their value */
export function parse<Config extends Omit<ParseArgsConfig, 'args'>>(
  args: readonly string[],
  config: Config,
): ReturnType<typeof parseArgs<Config & { args: string[] }>> {
  try {
    return parseArgs({ args: [...args], ...config })
  } catch (error) {
    // The first sentence says it; the others explain the syntax of command lines.
    const [sentence] = (error as Error).message.split(/\.?(?:\n|\. |$)/)
    throw new UsageError(`${sentence}: --help lists the options`)
  }
}

export function number(
  name: string,
  text: string | undefined,
  fits: (n: number) => boolean,
  wanted: string,
): number | undefined {
  if (text === undefined) return undefined
  const value = text.trim() === '' ? NaN : Number(text)
  if (fits(value)) return value
  throw new UsageError(`--${name}: expected ${wanted}: ${text}`)
}

export function range(least: number, most: number): string {
  return most === Number.MAX_SAFE_INTEGER
    ? `an integer of at least ${least}`
    : `an integer from ${least} to ${most}`
}

export function oneOf<Name extends string>(
  option: string,
  text: string | undefined,
  names: readonly Name[],
): Name | undefined {
  if (text === undefined) return undefined
  const name = names.find((each) => each === text)
  if (name !== undefined) return name
  throw new UsageError(`--${option}: expected one of ${names.join(', ')}: ${text}`)
}
