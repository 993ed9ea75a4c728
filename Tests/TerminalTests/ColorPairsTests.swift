import Terminal
import Testing

struct ColorPairsTests {
  private typealias Key = ColorPairs.Key

  private func keys(_ range: Range<Int32>) -> [Key] {
    range.map { Key(foreground: $0, background: 0) }
  }

  /// What each pair means to the terminal.
  private final class Terminal {
    var meanings: [Int32: ColorPairs.Key] = [:]
    func define(_ pair: Int32, _ key: ColorPairs.Key) -> Bool {
      meanings[pair] = key
      return true
    }
  }

  private func show(_ keys: [Key], with pairs: inout ColorPairs, on terminal: Terminal) -> [Int32] {
    pairs.beginFrame()
    return keys.map { pairs.pair(for: $0, inUse: { Set(keys) }, define: terminal.define) }
  }

  @Test func aPairIsMadeOnceAndKept() {
    var pairs = ColorPairs(limit: 256)
    let terminal = Terminal()
    let first = show(keys(0..<20), with: &pairs, on: terminal)
    #expect(Set(first).count == 20)
    #expect(!first.contains(0))
    #expect(show(keys(0..<20), with: &pairs, on: terminal) == first)
    #expect(terminal.meanings.count == 20)
  }

  @Test func theTerminalsOwnColoursArePairZero() {
    var pairs = ColorPairs(limit: 8)
    let own = Key(foreground: -1, background: -1)
    #expect(show([own], with: &pairs, on: Terminal()) == [0])
  }

  @Test func whenAllAreTakenOnlyThoseOutOfUseChangeTheirMeaning() {
    var pairs = ColorPairs(limit: 9)
    let terminal = Terminal()
    _ = show(keys(0..<4), with: &pairs, on: terminal)
    let kept = show(keys(4..<8), with: &pairs, on: terminal)
    // Eight are taken; four new ones beside the four that stay, though those are not drawn again.
    pairs.beginFrame()
    let new = keys(20..<24).map {
      pairs.pair(for: $0, inUse: { Set(keys(4..<8) + keys(20..<24)) }, define: terminal.define)
    }
    #expect(Set(new).isDisjoint(with: kept))
    #expect(zip(kept, keys(4..<8)).allSatisfy { terminal.meanings[$0] == $1 })
    #expect(zip(new, keys(20..<24)).allSatisfy { terminal.meanings[$0] == $1 })
    #expect(!pairs.gaveStandIn)
  }

  @Test func whenAFrameHasMoreColoursThanPairsTheNearestStandsIn() {
    var pairs = ColorPairs(limit: 3)
    let terminal = Terminal()
    let red = Key(foreground: 0xFF0000, background: 8)
    let blue = Key(foreground: 0x0000FF, background: 8)
    let nearlyRed = Key(foreground: 0xF01010, background: 8)
    let given = show([red, blue, nearlyRed], with: &pairs, on: terminal)
    #expect(given[2] == given[0])
    #expect(pairs.gaveStandIn)
    // With room again it gets its own.
    let later = show([nearlyRed], with: &pairs, on: terminal)
    #expect(!pairs.gaveStandIn)
    #expect(terminal.meanings[later[0]] == nearlyRed)
  }

  @Test func aTerminalThatRefusesAPairGetsTheNearest() {
    var pairs = ColorPairs(limit: 256)
    pairs.beginFrame()
    #expect(pairs.pair(for: keys(1..<2)[0], inUse: { [] }, define: { _, _ in false }) == 0)
    #expect(pairs.gaveStandIn)
  }
}
