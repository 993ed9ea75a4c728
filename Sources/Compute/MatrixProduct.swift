import COneDNN

/// A matrix within a view of floats, `[rows, columns]`, its rows `stride` floats apart.
package struct Matrix: Sendable {
  package let floats: Floats
  package let rows: Int
  package let columns: Int
  /// Floats from the start of one stored row to the start of the next, at least ``columns``.
  package let stride: Int
  /// Whether the stored rows are its columns.
  package let isTransposed: Bool

  package init(_ floats: Floats, rows: Int, columns: Int, stride: Int? = nil) {
    self.init(
      floats: floats, rows: rows, columns: columns, stride: stride ?? columns, isTransposed: false)
    precondition(rows >= 0 && columns >= 0 && self.stride >= columns)
    precondition(rows == 0 || (rows - 1) * self.stride + columns <= floats.count)
  }

  private init(floats: Floats, rows: Int, columns: Int, stride: Int, isTransposed: Bool) {
    self.floats = floats
    self.rows = rows
    self.columns = columns
    self.stride = stride
    self.isTransposed = isTransposed
  }

  /// The same numbers, with rows and columns exchanged.
  package var transposed: Matrix {
    Matrix(
      floats: floats, rows: columns, columns: rows, stride: stride, isTransposed: !isTransposed)
  }

  fileprivate var form: CChar { CChar(isTransposed ? UInt8(ascii: "T") : UInt8(ascii: "N")) }
}

/// Matrix products on the calling thread by oneDNN's `sgemm`, which packs blocks of both factors as it
/// goes: right for weights that change at every step.
package enum MatrixProduct {
  /// `c = a·b`, or `c += a·b` where `accumulating`.
  /// - Parameters:
  ///   - a: `[c.rows, n]`, `b`: `[n, c.columns]`.
  ///   - c: not transposed.
  package static func multiply(
    _ a: Matrix, _ b: Matrix, into c: Matrix, accumulating: Bool = false
  ) throws(ComputeError) {
    guard a.columns == b.rows, c.rows == a.rows, c.columns == b.columns, !c.isTransposed else {
      throw ComputeError(
        operation: "product [\(a.rows), \(a.columns)] · [\(b.rows), \(b.columns)]",
        reason: "the shapes do not fit [\(c.rows), \(c.columns)]")
    }
    guard c.rows > 0, c.columns > 0 else { return }
    try check(
      dnnl_sgemm(
        a.form, b.form, Int64(c.rows), Int64(c.columns), Int64(a.columns), 1, a.floats.start,
        Int64(a.stride), b.floats.start, Int64(b.stride), accumulating ? 1 : 0, c.floats.start,
        Int64(c.stride)), "product [\(a.rows), \(a.columns)] · [\(b.rows), \(b.columns)]")
  }
}
