// The module of a worker.
import { serveDataset } from '../../src/index.ts'
import { type Mode, problem } from './problem.ts'

serveDataset(({ mode }: { mode: Mode }) => problem(mode))
