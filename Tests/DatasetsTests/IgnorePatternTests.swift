import Testing

import Datasets

/// Patterns as git reads them in `.gitignore`.
@Suite struct IgnorePatternTests {
  @Test(arguments: [
    ("thumbs", "thumbs", true, true), ("thumbs", "a/b/thumbs", false, true),
    ("thumbs/", "a/thumbs", true, true), ("thumbs/", "a/thumbs", false, false),
    ("*_small.jpg", "a/x_small.jpg", false, true), ("*.jpg", "a/x.jpeg", false, false),
    ("/old", "old", true, true), ("/old", "a/old", true, false),
    ("a/old", "a/old", true, true), ("a/old", "b/a/old", true, false),
    ("**/raw", "a/b/raw", true, true), ("raw/**", "raw/x", false, true),
    ("raw/**", "raw", true, false), ("a/**/z", "a/z", false, true),
    ("a/**/z", "a/b/c/z", false, true), ("img?.png", "imgé.png", false, true),
    ("[a-c]1", "b1", false, true), ("[!a-c]1", "b1", false, false), ("[ab", "[ab", false, true),
    ("\\*", "*", false, true), ("\\*", "x", false, false), ("x  ", "x", false, true),
    ("é", "e\u{301}", false, false),
  ])
  func `a pattern names`(_ pattern: String, _ path: String, _ isFolder: Bool, _ isMatch: Bool)
    throws
  {
    let parts = path.split(separator: "/").map { Array($0.unicodeScalars) }
    #expect(try #require(IgnorePattern(pattern)).matches(parts, isFolder: isFolder) == isMatch)
  }

  @Test func `empty lines and comments name nothing, an exclamation mark brings back`() {
    #expect(IgnorePattern("") == nil && IgnorePattern("# x") == nil && IgnorePattern("  \r") == nil)
    #expect(IgnorePattern("!x")?.isNegated == true)
  }
}
