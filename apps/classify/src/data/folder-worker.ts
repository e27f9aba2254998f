import { serveDataset } from '@badak/datasets'
import { openPart } from './folder-part.ts'

// Photos are decoded and changed here, while the network learns from those before.
serveDataset(openPart)
