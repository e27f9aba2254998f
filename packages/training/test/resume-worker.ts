// A training that is meant to be killed: node resume-worker.ts <directory>. Says what it has done, line by line.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { csvLog, directoryStore, earlyStopping, fit, jsonlLog, tensorBoard } from '../src/index.ts'
import { bitsOf, problem } from './problem.ts'

const directory = process.argv[2]!
const { model, options } = problem(6)
const { history } = await fit(model, {
  ...options,
  checkpoint: {
    store: directoryStore(join(directory, 'checkpoints')),
    everySteps: 3,
    best: { monitor: 'val_loss', keep: 2 },
    resume: true,
  },
  callbacks: [
    earlyStopping({ patience: 50 }),
    csvLog(join(directory, 'epochs.csv'), { overwrite: true }),
    jsonlLog(join(directory, 'steps.jsonl'), { every: 'step', overwrite: true }),
    tensorBoard(join(directory, 'board')),
    { name: 'tell', onStep: (_, { step }) => void process.stdout.write(`step ${step}\n`) },
  ],
})
const bits = Object.entries(await bitsOf(model)).map(([name, bytes]) => [
  name,
  Buffer.from(bytes).toString('hex'),
])
const epochs = history.epochs.map((record) => ({ ...record, seconds: 0 }))
writeFileSync(join(directory, 'result.json'), JSON.stringify({ bits, losses: history.losses, epochs }))
