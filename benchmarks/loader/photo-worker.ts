import { serveDataset } from '@badak/datasets'
import { photoSamples } from './photo-samples.ts'

serveDataset(photoSamples)
