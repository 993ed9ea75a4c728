import Foundation
import TestSupport
import Testing

/// The completion scripts, bash's in a real bash. Those of zsh and fish run in Tests/Install, where these
/// shells are.
@Suite struct CompletionTests {
  /// What bash offers for the last word, sorted.
  private func completions(of words: [String], in folder: URL) throws -> [String] {
    let script = folder.appendingPathComponent("completion.bash")
    if !FileManager.default.fileExists(atPath: script.path) {
      let made = try run(["--generate-completion-script", "bash"])
      #expect(made.status == 0)
      try Data(made.stdout.utf8).write(to: script)
    }
    let place = folder.appendingPathComponent("place")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let result = try run(
      [
        "-c",
        """
        source "$0" || exit
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*"
        COMP_POINT=${#COMP_LINE}
        _clip-rsicd clip-rsicd "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
        """, script.path, "clip-rsicd",
      ] + words, executable: URL(fileURLWithPath: "/bin/bash"), directory: place)
    #expect(result.status == 0 && result.stderr == "", "\(result)")
    return result.stdout.split(separator: "\n").map(String.init).sorted()
  }

  private func withFiles(_ body: (URL) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let place = folder.appendingPathComponent("place")
      for name in ["photos", "more photos"] {
        try FileManager.default.createDirectory(
          at: place.appendingPathComponent(name), withIntermediateDirectories: true)
      }
      for name in ["port_1.jpg", "photos.sqlite", "recipe.toml", "$(touch touched)", "it's `x`"] {
        try Data().write(to: place.appendingPathComponent(name))
      }
      try body(folder)
    }
  }

  @Test("commands complete by their beginning, options where a word begins with a hyphen")
  func commands() throws {
    try withFiles { (folder) throws in
      #expect(try completions(of: ["se"], in: folder) == ["search"])
      #expect(
        try completions(of: [""], in: folder).filter { !$0.hasPrefix("-") && $0 != "help" }
          == HelpTests.commands.sorted())
      #expect(try completions(of: ["search", "--pre"], in: folder) == ["--preview"])
      #expect(
        try completions(of: ["search", "x", "--col"], in: folder) == ["--collection", "--color"])
    }
  }

  @Test("files, folders, choices and names complete where they belong")
  func values() throws {
    try withFiles { (folder) throws in
      let all = [
        "$(touch touched)", "it's `x`", "more photos", "photos", "photos.sqlite", "port_1.jpg",
        "recipe.toml",
      ]
      for words in [
        ["classify"], ["similar"], ["check"], ["embed"], ["doctor", "--collection"],
        ["search", "x", "--collection"], ["index", ".", "--captions"], ["index", ".", "--into"],
        ["index"],
        ["evaluate", "--labels"], ["info", "--image"],
      ] {
        #expect(try completions(of: words + [""], in: folder) == all, "\(words)")
      }
      for words in [
        ["index", "--drop"], ["evaluate", "--images"], ["scenes", "--into"],
        ["pull", "a/b", "--into"], ["convert", "a"],
      ] {
        #expect(
          try completions(of: words + [""], in: folder) == ["more photos", "photos"], "\(words)")
      }
      #expect(
        try completions(of: ["train", ""], in: folder) == ["more photos", "photos", "recipe.toml"])
      #expect(
        try completions(of: ["search", "x", "--category", "po"], in: folder) == ["pond", "port"])
      #expect(
        try completions(of: ["search", "x", "--split", ""], in: folder) == ["test", "train", "val"])
      #expect(try completions(of: ["search", "x", "--color", "m"], in: folder) == ["mono"])
      #expect(try completions(of: ["search", "x", "--threads", ""], in: folder) == [])
    }
  }

  @Test("a model is a file, a folder or a shipped one, and no name is run")
  func models() throws {
    try withFiles { (folder) throws in
      for words in [
        ["search", "x", "--model"], ["index", ".", "--model"], ["evaluate", "--model"],
        ["info", "--model"], ["explore", "--model"], ["convert"],
      ] {
        #expect(
          try completions(of: words + [""], in: folder) == [
            "$(touch touched)", "clip-mini", "it's `x`", "more photos", "photos", "photos.sqlite",
            "port_1.jpg", "recipe.toml", "rsicd-mini",
          ], "\(words)")
        #expect(try completions(of: words + ["rs"], in: folder) == ["rsicd-mini"])
        #expect(
          try completions(of: words + ["photos"], in: folder) == ["photos", "photos.sqlite"])
      }
      #expect(
        !FileManager.default.fileExists(
          atPath: folder.appendingPathComponent("place/touched").path))
    }
  }

  @Test("zsh's and fish's scripts have the models' names too")
  func others() throws {
    let zsh = try run(["--generate-completion-script", "zsh"]).stdout
    #expect(zsh.hasPrefix("#compdef clip-rsicd\n"))
    #expect(zsh.contains(":model:{_files; compadd -- rsicd-mini clip-mini}'"))
    #expect(!zsh.contains(":model:_files") && !zsh.contains(":source:_files"))
    let fish = try run(["--generate-completion-script", "fish"]).stdout
    #expect(fish.contains("rsicd-mini clip-mini; __fish_complete_path"))
  }
}
