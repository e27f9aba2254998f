import { convnet } from '../workloads/convnet.ts'
import { PeerProcess } from './peer-process.ts'
import { type Peer, peers } from './peers.ts'
import type { Result } from './result.ts'

/** Resident memory gained over many training steps of SimpleConvNet, after a tenth of them. */
export async function measureMemory(
  { chosen, quick, threads }: { chosen: (peer: Peer) => boolean; quick: boolean; threads: number },
  report: (result: Result) => void,
): Promise<void> {
  const [what] = convnet.cases
  const steps = quick ? 200 : 2000
  const limit = quick ? 10_000 : 60_000
  for (const peer of peers) {
    if (!chosen(peer) || !peer.appliesTo(convnet) || peer.name === 'torch-channels-last') continue
    const base = {
      work: 'memory',
      case: `growth over ${steps} steps of SimpleConvNet`,
      peer: peer.name,
      threads,
    }
    const process = new PeerProcess(peer, peer.threads ? threads : 1)
    const prepare = {
      command: 'prepare',
      work: convnet.name,
      case: what!.name,
      what,
      warmUp: 0,
      slow: 0,
    } as const
    let reply = await process.ask(prepare, limit)
    if (reply.error === undefined) reply = await process.ask({ command: 'grow', steps, limit }, 2 * limit)
    report({ ...base, ...(reply.grown ?? { error: reply.error ?? 'no answer' }) })
    process.end()
  }
}
