import COneDNN

/// A matrix inside of a view: rows `stride` apart.
package struct Matrix: Sendable {
  package let floats: Floats
  package let rows: Int
  package let columns: Int
  package let stride: Int

  package init(_ floats: Floats, rows: Int, columns: Int, stride: Int? = nil) {
    self.floats = floats
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
    precondition(rows >= 0 && columns >= 0 && self.stride >= columns)
    precondition(rows == 0 || (rows - 1) * self.stride + columns <= floats.count)
  }
}

/// c = a·b, plain, on the calling thread, with oneDNN's `sgemm`: it packs blocks of both sides as it
/// goes, which suits weights that change with every step.
package enum MatrixProduct {
  /// What is done to a factor before.
  package enum Form: Sendable {
    case plain, transposed
    fileprivate var code: CChar { self == .plain ? 78 : 84 }
  }

  /// `c = a·b`, or `c += a·b` where `accumulating`; each factor as it is or transposed.
  package static func multiply(
    _ a: Matrix, _ aForm: Form = .plain, _ b: Matrix, _ bForm: Form = .plain, into c: Matrix,
    accumulating: Bool = false
  ) throws(ComputeError) {
    let (rows, inner) = aForm == .plain ? (a.rows, a.columns) : (a.columns, a.rows)
    let (other, columns) = bForm == .plain ? (b.rows, b.columns) : (b.columns, b.rows)
    guard inner == other, c.rows == rows, c.columns == columns else {
      throw ComputeError(
        operation: "product [\(rows), \(inner)] · [\(other), \(columns)]",
        reason: "the shapes do not fit [\(c.rows), \(c.columns)]")
    }
    guard rows > 0, columns > 0 else { return }
    try check(
      dnnl_sgemm(
        aForm.code, bForm.code, Int64(rows), Int64(columns), Int64(inner), 1, a.floats.start,
        Int64(a.stride), b.floats.start, Int64(b.stride), accumulating ? 1 : 0, c.floats.start,
        Int64(c.stride)), "product [\(rows), \(inner)] · [\(inner), \(columns)]")
  }
}
