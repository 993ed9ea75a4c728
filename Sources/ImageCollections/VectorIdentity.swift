import Models
import Imaging

/// What vectors belong to: a model's fingerprint and, after a `+`, how its pictures were read, where that
/// differs from the reference's way. Without the latter it is the model's fingerprint alone, as it was
/// before there was a choice.
struct VectorIdentity: Equatable {
  let model: String
  let conversion: String

  init(model: String, conversion: ImageConversion) {
    self.model = model
    self.conversion = conversion.identity
  }

  init(text: String) {
    let parts = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    model = String(parts.first ?? "")
    conversion = parts.count > 1 ? String(parts[1]) : ""
  }

  var text: String { conversion.isEmpty ? model : "\(model)+\(conversion)" }
}

extension IndexedModel {
  /// ``fingerprint`` of the model alone, as `CLIPModel` has it.
  public var modelFingerprint: String { VectorIdentity(text: fingerprint).model }
  /// What differs from the default conversion of pictures; empty where nothing does.
  public var conversionIdentity: String { VectorIdentity(text: fingerprint).conversion }
  /// How the pictures of its vectors were read; the default way where that is not understood.
  public var conversion: ImageConversion {
    ImageConversion(identity: conversionIdentity) ?? ImageConversion()
  }
}
