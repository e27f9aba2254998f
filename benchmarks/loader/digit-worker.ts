import { serveDataset } from '@badak/datasets'
import { warpedDigits } from './digits.ts'

serveDataset(warpedDigits)
