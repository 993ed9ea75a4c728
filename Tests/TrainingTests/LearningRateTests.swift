import Foundation
import TestSupport
import Testing

import Training

/// Rates of optax, transformers and open_clip, step by step: Tests/Fixtures/schedules.
@Suite struct LearningRateTests {
  private struct Schedule: Decodable {
    let library: String
    let peak: Float
    let warmup: Int
    let steps: Int
    let decay: String
    let final: Float
    let rates: [Float]
  }

  @Test func `three steps have the peak, two thirds and a third of it`() {
    let rate = LearningRate(peak: 3, warmupSteps: 0, totalSteps: 3)
    #expect((0..<3).map(rate.rate) == [3, 2, 1])
  }

  @Test func `the only step of a run has the peak`() {
    for decay in LearningRate.Decay.allCases {
      #expect(LearningRate(peak: 1, warmupSteps: 0, totalSteps: 1, decay: decay).rate(at: 0) == 1)
    }
  }

  @Test func `no step has rate 0`() {
    for decay in LearningRate.Decay.allCases {
      for warmup in 0..<6 {
        let rate = LearningRate(peak: 1, warmupSteps: warmup, totalSteps: 6, decay: decay)
        #expect((0..<6).allSatisfy { rate.rate(at: $0) > 0 })
      }
    }
  }

  @Test func `rates are the libraries'`() throws {
    let file = Places.fixtures.appendingPathComponent("schedules/schedules.json")
    let schedules = try JSONDecoder().decode([Schedule].self, from: Data(contentsOf: file))
    #expect(schedules.count > 20)
    for item in schedules {
      let decay = try #require(LearningRate.Decay(rawValue: item.decay))
      let ours = LearningRate(
        peak: item.peak, warmupSteps: item.warmup, totalSteps: item.steps, decay: decay,
        final: item.final)
      // Of the warm-up only open_clip's is ours.
      let first = item.library == "open_clip" ? 0 : item.warmup
      for step in first..<item.steps {
        #expect(
          abs(ours.rate(at: step) - item.rates[step]) <= 2e-6 * item.peak,
          "\(item.library) \(item.decay), warm-up \(item.warmup), step \(step)")
      }
    }
  }
}
