import Compute
import Testing
import Transformers

@Suite struct LinearTests {
  @Test(arguments: [false, true], [false, true])
  func `y is x·Wᵀ with bias and residual where there are any`(_ hasBias: Bool, _ hasResidual: Bool)
    throws
  {
    let (rows, inputs, outputs) = (2, 3, 2)
    let parameters = [
      Parameter("a.weight", [outputs, inputs], .constant(0)),
      Parameter("a.bias", [outputs], .constant(0)),
    ]
    let table = ParameterTable(parameters)
    let weights: [Float] = [1, 2, 3, 4, 5, 6, 10, 20]
    let x: [Float] = [1, 0, 2, 0, 1, 1]
    let residual: [Float] = [100, 200, 300, 400]
    let layer =
      hasBias
      ? LinearPlaces(table, LinearParameters("a", inputs: inputs, outputs: outputs, deviation: 0))
      : LinearPlaces(table, projection: parameters[0])
    var y = [Float](repeating: 7, count: rows * outputs)
    try Floats.lend(weights) { weights in
      try Floats.lend(x) { x in
        try Floats.lend(residual) { residual in
          try Floats.lend(changing: &y) { y in
            try layer.forward(
              Matrix(x, rows: rows, columns: inputs), weights,
              adding: hasResidual ? residual : nil, into: Matrix(y, rows: rows, columns: outputs))
          }
        }
      }
    }
    let plain: [Float] = [7, 16, 5, 11]
    let bias: [Float] = [10, 20, 10, 20]
    let wanted = plain.indices.map {
      plain[$0] + (hasBias ? bias[$0] : 0) + (hasResidual ? residual[$0] : 0)
    }
    #expect(y == wanted)
  }
}
