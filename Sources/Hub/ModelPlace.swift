import Foundation

/// What a model's name stands for: a folder, or a repository of the hub that is in the cache.
public enum ModelPlace {
  /// The folder or file to read.
  /// - Parameter name: a path, or `ORG/NAME[@REVISION][:PATH]` where there is no such path.
  /// - Returns: the name itself where it cannot be a repository's: who opens it says what is wrong.
  /// - Throws: ``HubError`` where it could be a repository and is not in the cache; nothing is fetched.
  public static func directory(_ name: String, environment: HubEnvironment) throws(HubError)
    -> String
  {
    guard !FileManager.default.fileExists(atPath: name),
      let repository = try? HubRepository(name, kind: .model)
    else { return name }
    return try HubCache(environment.cache, repository).model()
  }
}
