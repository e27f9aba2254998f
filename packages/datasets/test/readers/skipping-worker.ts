// The module of a worker.
import { sampleDataset, serveDataset } from '../../src/index.ts'
import { withBroken } from './with-broken.ts'

serveDataset(() => sampleDataset(withBroken, { onBroken: 'skip' }))
