import { workerSuite } from './worker-suite.ts'

workerSuite(() => new Worker(new URL('./data-worker.ts', import.meta.url), { type: 'module' }))
