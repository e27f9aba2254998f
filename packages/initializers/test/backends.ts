/** Every test of values runs on each of these. */
export const backends = ['reference', 'wasm'] as const
