// What an initializer is
export type { Initializer, InitializerOptions } from './initializer.ts'
export { fans, type FanMode, type Fans } from './fans.ts'
export { gain, type Nonlinearity } from './gain.ts'

// Constants
export { ones, zeros } from '@badak/tensor'
export { constant, type ConstantOptions } from './distributions.ts'

// Plain distributions
export { normal, uniform, type NormalOptions, type UniformOptions } from './distributions.ts'
export { truncatedNormal, type TruncatedNormalOptions } from './truncated-normal.ts'

// Scaled by fan-in and fan-out
export { xavierNormal, xavierUniform, type XavierOptions } from './xavier.ts'
export { xavierNormal as glorotNormal, xavierUniform as glorotUniform } from './xavier.ts'
export { heNormal, heUniform, type HeOptions } from './he.ts'
export { heNormal as kaimingNormal, heUniform as kaimingUniform } from './he.ts'
export { lecunNormal, lecunUniform } from './lecun.ts'
export { varianceScaling, type VarianceScalingOptions } from './variance-scaling.ts'

// Matrices with a structure
export { orthogonal, type OrthogonalOptions } from './orthogonal.ts'
export { dirac, type DiracOptions, identity } from './identity.ts'
export { sparse, type SparseOptions } from './sparse.ts'
