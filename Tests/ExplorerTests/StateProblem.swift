import Explorer

extension State {
  /// What is wrong with the state, or nothing: what is selected is in its list and at or below the first
  /// row that is shown.
  var problem: String? {
    let lists = [
      ("search", search.position, search.hits.count),
      ("compare", compare.position, compare.hits.count),
      ("categories", categories.position, collection.value?.categories.count ?? 0),
    ]
    for (name, position, count) in lists {
      if position.selected < 0 || position.selected >= max(1, count) {
        return "\(name): \(position.selected) of \(count) is selected"
      }
      if position.top < 0 || position.top > position.selected {
        return "\(name): \(position.selected) is selected above \(position.top)"
      }
    }
    if !(0..<max(1, models.count)).contains(modelIndex) { return "model \(modelIndex)" }
    return nil
  }
}
