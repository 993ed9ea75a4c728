import RandomNumbers

extension ParameterTable {
  /// Numbers for a model that is trained from scratch, each parameter drawn from a stream of its own.
  package func drawn(seed: UInt64) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    for (index, entry) in entries.enumerated() {
      switch entry.parameter.initial {
      case .constant(let value):
        for place in entry.range { values[place] = value }
      case .normal(let deviation):
        var random = RandomNumbers(seed: seed, stream: UInt64(index))
        var place = entry.range.lowerBound
        while place < entry.range.upperBound {
          let (first, second) = random.normals()
          values[place] = Float(first * deviation)
          if place + 1 < entry.range.upperBound { values[place + 1] = Float(second * deviation) }
          place += 2
        }
      }
    }
    return values
  }
}
