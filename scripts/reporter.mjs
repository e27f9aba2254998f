// Ends a run with one plain line, `N passed, N failed, N skipped`, for logs and CI.
// The checks that scripts/run.mjs ran before the tests (lint, types …) are counted with them.
export default class Summary {
  onTestRunEnd(modules, errors) {
    const checks = JSON.parse(process.env.BADAK_CHECKS ?? '{ "passed": [], "failed": [], "skipped": [] }')
    const [passed, failed, skipped] = [checks.passed.length, checks.failed.length, checks.skipped.length]
    const count = { passed, failed, skipped }
    for (const module of modules) {
      let any = false
      for (const test of module.children.allTests()) {
        any = true
        const { state } = test.result()
        if (state in count) count[state]++
      }
      if (!any && module.state() === 'failed') count.failed++
    }
    count.failed += errors.length
    if (checks.failed.length > 0) console.log(`\nfailed checks: ${checks.failed.join(', ')}`)
    console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
  }
}
