/** Milliseconds for which a loop of awaits may keep the event loop waiting. */
const PATIENCE = 50

let last = Date.now()

/**
 * Lets the event loop turn if it has not for a while. Where a backend works on the calling thread, everything
 * that is awaited is ready at once, and a training loop would keep timers, signals, requests and finalizers
 * waiting to its end.
 */
export function breathe(): Promise<void> | undefined {
  // Not `performance`, which Node.js would load for it, 1 ms; a clock that was set back must not stop breath.
  const now = Date.now()
  if (Math.abs(now - last) < PATIENCE) return undefined
  last = now
  return new Promise((resume) => {
    if (typeof setImmediate === 'function') setImmediate(resume)
    else setTimeout(resume)
  })
}
