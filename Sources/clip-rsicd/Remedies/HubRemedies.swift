import Hub

extension HubError {
  /// What to do, to be added to ``description``.
  var remedy: String? {
    switch reason {
    case .offline: "; unset it to download"
    case .notCached(_, let kind, _):
      "; download it with: clip-rsicd pull \(kind == .dataset ? "--dataset " : "")\(place)"
    case .incomplete: "; fetch the rest with: clip-rsicd pull \(place)"
    case .leadsOut: "; remove that, and run clip-rsicd pull again"
    case .unauthorized(let hasToken, let page):
      hasToken
        ? "; make a new one at \(page) and put it in HF_TOKEN"
        : "; check the spelling, or put a token of \(page) in HF_TOKEN"
    case .gated(let page):
      ": open \(page) in a browser, and put a token of that account in HF_TOKEN"
    case .forbidden(let page):
      "; the token in HF_TOKEN must be allowed to read it, see \(page)"
    case .noRepository(let kind, let hasToken):
      "; check the spelling"
        + (kind == .model
          ? "; a data set needs --dataset" : "; a model is pulled without --dataset")
        + (hasToken ? "" : "; a private one needs HF_TOKEN")
    case .noRevision(let revision): "; try it without @\(revision)"
    case .noFile, .status, .length, .range: "; try again later"
    case .waitTooLong: "; try again then"
    case .severalWeights(let names): "; name one: \(place):\(names.first ?? "FILE")"
    case .digest: "; try again, and over another network if it stays so"
    case .noSpace: "; make room, or choose another place with --into or HF_HOME"
    case .notARepository, .notARevision, .variable, .tooManyRedirects, .downgrade, .noTarget,
      .listing, .tooManyFiles, .noWeights, .noConfiguration, .noSuchFile, .fileName, .encoded,
      .unwritable, .transfer:
      nil
    }
  }
}
