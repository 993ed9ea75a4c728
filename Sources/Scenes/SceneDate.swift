/// The day on which a scene was taken.
public enum SceneDate {
  /// - Parameters:
  ///   - name: of the file, or of the granule: the first eight digits that stand alone and are a day from 1970
  ///     on, as in `LC08_L1TP_116050_20200101_…`, `S2A_MSIL1C_20200101T…` and `m_3007548_nw_18_1_20190828`.
  ///     What a name says is when the picture was taken; a tag often tells when its file was made.
  ///   - dateTime: TIFF's tag, `2021:06:02 10:30:00`.
  /// - Returns: `2020-01-01`, or `nil` where neither says it.
  public static func day(name: String, dateTime: String?) -> String? {
    let digits = name.split { !("0"..."9").contains($0) }
    for part in digits where part.count == 8 {
      if let day = day(part.prefix(4), part.dropFirst(4).prefix(2), part.suffix(2)) { return day }
    }
    guard let dateTime else { return nil }
    let parts = dateTime.prefix(10).split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].count == 4 else { return nil }
    return day(parts[0], parts[1], parts[2])
  }

  /// A day as a person gives it, `2020-01-31`.
  public static func day(_ text: String) -> String? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].count == 4 else { return nil }
    return day(parts[0], parts[1], parts[2])
  }

  private static func day(_ year: Substring, _ month: Substring, _ day: Substring) -> String? {
    let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard month.count == 2, day.count == 2, let y = Int(year), let m = Int(month), let d = Int(day),
      (1970...2199).contains(y), (1...12).contains(m), (1...lengths[m - 1]).contains(d)
    else { return nil }
    return "\(year)-\(month)-\(day)"
  }
}
