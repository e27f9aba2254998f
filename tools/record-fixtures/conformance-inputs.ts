// Prints what the conformance table feeds to each operation, for conformance.py:
//   node --conditions=@badak/source tools/record-fixtures/conformance-inputs.ts
import { tensor } from '../../packages/tensor/src/index.ts'
import { cotangentValues, digestOf, inputValues } from '../../packages/tensor/test/conformance/row.ts'
import { table } from '../../packages/tensor/test/conformance/table.ts'

const rows = table
  .filter(({ recorded }) => recorded)
  .map((row) => {
    const inputs = inputValues(row).map((values, k) => ({ ...row.inputs[k]!, values }))
    const outputs = [
      row.run(...inputs.map(({ values, shape, dtype }) => tensor(values, { shape, dtype }))),
    ].flat()
    return {
      name: row.name,
      inputs: inputs.map(({ shape, dtype, values }) => ({ shape, dtype, values })),
      digest: digestOf(inputValues(row)),
      gradients: row.gradients,
      outputs: outputs.map(({ shape, dtype }, k) => ({
        shape,
        dtype,
        cotangent: cotangentValues(row, k, shape),
      })),
    }
  })
process.stdout.write(JSON.stringify(rows))
