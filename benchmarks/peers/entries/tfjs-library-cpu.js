// oxlint-disable import/no-unassigned-import -- they register backends and gradients
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import '@tensorflow/tfjs-backend-cpu'

export * from '@tensorflow/tfjs-core'
