import CCellWidth
import Glibc

/// What the terminal shows, and how that is known: from the environment, and where that does not say
/// enough, from the terminal's own answers.
///
/// Asking takes a millisecond on a terminal of this machine, and ``longestWait`` where nothing answers.
public struct TerminalAbilities: Sendable, Equatable {
  /// The colours that are promised; what is described (terminfo) may still be less in the full screen.
  public let depth: ColorDepth
  /// Where that is known from, in words.
  public let depthReason: String
  /// The terminal's name and version; none where it has not said.
  public let name: String?
  public let drawsSextants: Bool
  public let sextantReason: String
  /// Whether octants are drawn, one column each; none where nobody asked or answered.
  public let showsOctants: Bool?
  public let octantReason: String
  /// Whether the terminal's background is light; none where unknown.
  public let isLight: Bool?
  /// Keys typed before the answers came.
  let typed: [UInt8]
  /// The answers so far, where the terminal was asked and the last is still to come.
  let late: TerminalAnswers?

  /// Milliseconds that answers are waited for.
  public static let longestWait = 200

  /// - Parameters:
  ///   - wanted: colours that were asked for by name; none to find out.
  ///   - asks: whether the terminal may be asked, where it is one.
  ///   - octants: whether to try if an octant is drawn, which overwrites the line of the cursor.
  ///   - wait: in milliseconds; a program that ends soon waits longer, so that no answer comes after it.
  public init(
    environment: [String: String], wanted: ColorDepth? = nil, asks: Bool,
    octants: Bool = false, wait: Int = Self.longestWait
  ) {
    let mayAsk = asks && TerminalQuestion.isAllowed(environment: environment)
    let client = asks ? TmuxClient.ask(environment: environment) : nil
    let answers = mayAsk ? TerminalQuestion.ask(milliseconds: wait, octants: octants) : nil
    self.init(environment: environment, wanted: wanted, client: client, answers: answers)
  }

  /// What follows from the answers.
  package init(
    environment: [String: String], wanted: ColorDepth?, client: TmuxClient?,
    answers: TerminalAnswers?
  ) {
    let term = environment["TERM"] ?? ""
    let isInTmux = !(environment["TMUX"] ?? "").isEmpty || answers?.name?.hasPrefix("tmux") == true
    (depth, depthReason) = Self.depth(
      environment, wanted: wanted, client: client, answers: answers, isInTmux: isInTmux)
    let own = answers.flatMap { $0.name ?? KnownTerminals.name(ofSecondary: $0.secondary) }
    let outer = isInTmux ? client?.name : own ?? KnownTerminals.name(ofTerm: term)
    name =
      isInTmux
      ? [own, client?.name].compactMap { $0 }.filter { !$0.isEmpty }
        .joined(separator: " in ") : outer
    (drawsSextants, sextantReason) = Self.sextants(outer ?? "")
    (showsOctants, octantReason) = Self.octants(answers?.cursorColumn, in: name ?? "")
    isLight = answers?.background.map { PerceptualPalette.oklab($0).x > 0.6 }
    typed = answers?.typed ?? []
    late = answers?.isComplete == false ? answers : nil
  }

  private static func depth(
    _ environment: [String: String], wanted: ColorDepth?, client: TmuxClient?,
    answers: TerminalAnswers?, isInTmux: Bool
  ) -> (ColorDepth, String) {
    let promised = ColorDepth.promised(by: environment)
    if let wanted { return (wanted, "as asked for") }
    if promised == .mono {
      return (.mono, (environment["NO_COLOR"] ?? "").isEmpty ? "TERM" : "NO_COLOR")
    }
    if promised == .direct { return (.direct, ColorDepth.reasonForDirect(environment)) }
    if let client, client.hasDirectColor { return (.direct, "tmux: its terminal has RGB") }
    if isInTmux {
      let reason =
        client == nil ? "TERM; tmux does not say what is outside" : "tmux: no RGB outside"
      return (promised, reason)
    }
    guard let answers else { return (promised, "TERM; the terminal was not asked") }
    if answers.keepsDirectColor == true { return (.direct, "answered (DECRQSS)") }
    if answers.describesDirectColor == true { return (.direct, "answered (XTGETTCAP)") }
    if let name = answers.name ?? KnownTerminals.name(ofSecondary: answers.secondary),
      KnownTerminals.hasDirectColor(named: name)
    {
      return (.direct, "answered: \(name)")
    }
    let reason =
      answers.isComplete ? "TERM; the terminal says of no more" : "TERM; no answer in time"
    return (promised, reason)
  }

  private static func sextants(_ name: String) -> (Bool, String) {
    guard wcwidth(0x1FB00) == 1 else { return (false, "not in the C library's characters") }
    if name.isEmpty { return (false, "the terminal did not say what it is") }
    return KnownTerminals.drawsSextants(named: name)
      ? (true, "drawn by \(name)") : (false, "not known to be drawn by \(name)")
  }

  private static func octants(_ column: Int?, in name: String) -> (Bool?, String) {
    guard let column else { return (nil, "not asked, or not answered") }
    let place = name.isEmpty ? "this terminal" : name
    return column == 2
      ? (true, "shown by \(place), as one column each") : (false, "not shown by \(place)")
  }

  /// What to tell where other symbols stand in for those that were asked for.
  public func note(on wanted: PictureSymbols) -> String? {
    guard wanted == .octant, showsOctants == false else { return nil }
    return "octants are \(octantReason); pictures are drawn in sextants instead"
  }

  /// The symbols for pictures. Octants that the terminal is known to drop become sextants: see
  /// ``note(on:)``.
  public func symbols(_ wanted: PictureSymbols, depth: ColorDepth, unicode: Bool) -> PictureSymbols
  {
    let wanted = note(on: wanted) == nil ? wanted : .sextant
    return wanted.resolved(depth: depth, unicode: unicode, drawsSextants: drawsSextants)
  }

  /// Gives what was typed meanwhile back to the terminal, where no screen takes it.
  public func giveBackKeys() { TerminalQuestion.giveBack(typed) }
}
