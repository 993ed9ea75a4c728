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
