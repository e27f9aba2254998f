/**
 * The first signal stops after the present step and saves; a second one, or one before all steps, stops at
 * once.
 */
export function abortOnSignal(): {
  readonly signal: AbortSignal
  readonly exitCode: () => number
  readonly onStep: () => void
} {
  const controller = new AbortController()
  let begun = false
  let exitCode = 0
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(name, () => {
      if (controller.signal.aborted || !begun) process.exit(code)
      exitCode = code
      controller.abort()
    })
  }
  const onStep = (): void => {
    begun = true
  }
  return { signal: controller.signal, exitCode: () => exitCode, onStep }
}
