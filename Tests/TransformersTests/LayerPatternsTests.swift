import Transformers
import Testing

@Suite struct LayerPatternsTests {
  @Test(
    "a pattern matches whole names, and one with ! leaves out",
    arguments: [
      (["*.bias"], "text_model.final_layer_norm.bias", true),
      (["*.bias"], "text_projection.weight", false),
      (["text_*", "!*.bias"], "text_model.final_layer_norm.bias", false),
      (["text_*", "!*.bias"], "text_projection.weight", true),
      (["vision_model.encoder.layers.?.*"], "vision_model.encoder.layers.7.mlp.fc1.bias", true),
      (["vision_model.encoder.layers.?.*"], "vision_model.encoder.layers.11.mlp.fc1.bias", false),
      (["*a*b"], "aab", true), (["a"], "aa", false), ([], "logit_scale", false),
      (["*"], "logit_scale", true),
    ] as [([String], String, Bool)])
  func matches(patterns: [String], name: String, expected: Bool) {
    #expect(LayerPatterns(patterns).matches(name) == expected)
  }

  @Test("matrices and tables decay; biases, layer norms, class embedding and logit_scale do not")
  func decayed() {
    let names = [
      ("logit_scale", false), ("vision_model.embeddings.class_embedding", false),
      ("vision_model.embeddings.position_embedding.weight", true),
      ("vision_model.embeddings.patch_embedding.weight", true),
      ("text_model.embeddings.token_embedding.weight", true),
      ("vision_model.pre_layrnorm.weight", false), ("vision_model.post_layernorm.weight", false),
      ("text_model.final_layer_norm.weight", false),
      ("text_model.encoder.layers.0.layer_norm1.weight", false),
      ("text_model.encoder.layers.0.self_attn.q_proj.weight", true),
      ("text_model.encoder.layers.0.self_attn.q_proj.bias", false),
      ("text_projection.weight", true),
    ]
    for (name, decays) in names {
      #expect(LayerPatterns.decayed.matches(name) == decays, "\(name)")
    }
  }
}

@Suite struct PatchDropoutTests {
  @Test func `each picture sees its own share of the patches, by seed and place`() {
    func seen(_ dropout: Float, _ pairs: Range<Int> = 0..<4, seed: UInt64 = 1) -> [[Int]] {
      VisionStem.seen(patches: 49, dropout: dropout, pairs: pairs, seed: seed)
    }
    let quarter = seen(0.25)
    #expect(quarter.allSatisfy { $0.count == 37 && $0 == $0.sorted() && Set($0).count == 37 })
    #expect(Set(quarter).count == 4)
    // A picture's patches do not depend on what else is in the piece.
    #expect(seen(0.25, 2..<4) == Array(quarter[2...]))
    #expect(seen(0.25, seed: 2) != quarter)
    #expect(seen(0) == Array(repeating: Array(0..<49), count: 4))
    #expect(seen(0.999).allSatisfy { $0.count == 1 })
  }
}
