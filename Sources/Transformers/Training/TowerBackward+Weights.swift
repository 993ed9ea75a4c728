import Compute

/// Gradients by weights, one wave at a time: shared out by rows of the weights.
extension TowerBackward {
  /// The gradient of y = x·Wᵀ + b by W and b.
  struct Product: Sendable {
    /// The gradient by y, and x.
    let dy, x: Matrix
    let weight: Int
    let bias: Int?
  }

  func products(_ index: Int, _ wave: Wave, above: Floats) -> [Product] {
    let (block, kept, rows) = (pass.places.blocks[index], pass.tape.blocks[index], wave.rows)
    let local = wave.local(rows)
    return mlpProducts(block, wave, local, above: pass.part(above, local, width)) + [
      Product(
        dy: pass.part(wave.attentionInput, local, 3 * width),
        x: pass.part(wave.normed1, local, width), weight: block.attentionWeight,
        bias: block.attentionBias),
      Product(
        dy: pass.part(wave.middle, local, width), x: pass.part(kept.attended, rows, width),
        weight: block.outWeight, bias: block.outBias),
    ]
  }

  func lastProducts(_ wave: Wave) -> [Product] {
    let index = pass.places.blocks.count - 1
    let (block, kept) = (pass.places.blocks[index], pass.tape.blocks[index])
    let local = wave.local(wave.rows)
    let items = wave.localItems(wave.items)
    let above = pass.part(pass.tape.pooledGradient, wave.items, width)
    return [
      Product(
        dy: pass.part(wave.attentionInput, local, 2 * width),
        x: pass.part(wave.normed1, local, width), weight: block.attentionWeight,
        bias: block.attentionBias)
    ] + mlpProducts(block, wave, items, above: above) + [
      Product(
        dy: pass.part(wave.query, items, width), x: pass.part(wave.queryNormed, items, width),
        weight: block.attentionWeight + 2 * width * width, bias: block.attentionBias + 2 * width),
      Product(
        dy: pass.part(wave.middle, items, width), x: pass.part(kept.attended, wave.items, width),
        weight: block.outWeight, bias: block.outBias),
    ]
  }

  private func mlpProducts(
    _ block: BlockPlaces, _ wave: Wave, _ local: Range<Int>, above: Matrix
  ) -> [Product] {
    [
      Product(
        dy: pass.part(wave.byExpanded, local, wide), x: pass.part(wave.normed2, local, width),
        weight: block.expandWeight, bias: block.expandBias),
      Product(
        dy: above, x: pass.part(wave.activated, local, wide), weight: block.contractWeight,
        bias: block.contractBias),
    ]
  }

  /// Shares the products out by rows of the weights; one more piece adds up the layer norms' parts.
  func addWeightGradients(
    _ products: [Product], _ wave: Wave, norms: [(scale: Int, shift: Int)]
  ) throws {
    let slices = team.threads
    try team.forEach(products.count * slices + 1) { piece in
      guard piece < products.count * slices else {
        for run in wave.runs.indices {
          for (place, norm) in norms.enumerated() {
            VectorLoops.add(
              wave.sums(run, 2 * place), to: gradient.at(norm.scale, count: width))
            VectorLoops.add(
              wave.sums(run, 2 * place + 1), to: gradient.at(norm.shift, count: width))
          }
        }
        return
      }
      try add(products[piece / slices], slice: piece % slices, of: slices)
    }
  }

  private func add(_ product: Product, slice: Int, of slices: Int) throws {
    let (outputs, inputs) = (product.dy.columns, product.x.columns)
    // Whole vector registers, so that the slices' kernels are those of the whole.
    let step = ((outputs + slices - 1) / slices + 15) & ~15
    let first = min(slice * step, outputs)
    let last = min(first + step, outputs)
    guard first < last else { return }
    let dy = Matrix(
      product.dy.floats.at(first, count: product.dy.floats.count - first),
      rows: product.dy.rows, columns: last - first, stride: product.dy.stride)
    try MatrixProduct.multiply(
      dy.transposed, product.x,
      into: target(product.weight + first * inputs, last - first, inputs), accumulating: true)
    if let bias = product.bias {
      VectorLoops.addColumnSums(of: dy, to: gradient.at(bias + first, count: last - first))
    }
  }
}
