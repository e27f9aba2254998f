import { sceneSuite } from './scene-suite.ts'

sceneSuite()
