/// Texts from outside within XML and SVG.
package enum XMLText {
  /// For XML: markup escaped, what XML does not allow at all left out.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .unassigned: break
        default: result.unicodeScalars.append(scalar)
        }
      }
    }
    return result
  }
}
