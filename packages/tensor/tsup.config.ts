import { library } from '../../tsup.base.ts'

// What two entries reach becomes a file of its own. `core` is everything but operations that bring their kernels, which
// thereby lie in files that bundlers leave out of programs that use none. So does `profile`, which
// looks at the environment as soon as it is loaded.
export default library({
  entry: {
    index: 'src/index.ts',
    core: 'src/tensor.ts',
    images: 'src/image-kernels.ts',
    sort: 'src/sort-kernels.ts',
    trigonometry: 'src/trigonometric-functions.ts',
    profile: 'src/schedule/profile.ts',
  },
  dts: { entry: { index: 'src/index.ts' }, compilerOptions: { noUncheckedIndexedAccess: false } },
})
