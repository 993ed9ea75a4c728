import Models
import Testing

@Suite struct PromptTests {
  @Test(
    "a category's words stand in its prompt, however a folder or file spells them",
    arguments: [
      ("storage_tanks", "storage tanks"), ("storagetanks", "storagetanks"),
      ("Storage Tanks", "Storage Tanks"), ("StorageTanks", "Storage Tanks"),
      ("ground__track_field_", "ground track field"), ("AnnualCrop", "Annual Crop"),
      ("UFO", "UFO"), ("drive-in", "drive-in"), ("港口", "港口"), ("_", "_"),
    ])
  func words(_ label: String, _ words: String) {
    #expect(
      PromptTemplate("{category} from above, a {category}")?.prompts(for: [label])
        == ["\(words) from above, a \(words)"])
  }
}
