import Foundation
import Hub
import Testing
import Transfers

/// Names and numbers that come from the user, the environment and the hub.
@Suite struct NamesTests {
  @Test("ORG/NAME[@REVISION] is taken apart")
  func repositories() throws {
    let plain = try HubRepository("flax-community/clip-rsicd-v2", kind: .model)
    #expect(plain.organization == "flax-community" && plain.name == "clip-rsicd-v2")
    #expect(plain.revision == "main" && plain.text == "flax-community/clip-rsicd-v2")
    let pinned = try HubRepository("a/b.c_d@refs/pr/8", kind: .dataset)
    #expect(pinned.revision == "refs/pr/8" && pinned.text == "a/b.c_d@refs/pr/8")
  }

  @Test(
    "what is no such name is refused",
    arguments: [
      "", "name", "a/b/c", "/a/b", "a/", "/b", "../b", "a/..", "a/.b", "a/b.", "-a/b", "a/b--c",
      "a/b c", "a/b\u{0}", "a\\b/c", "a/b@", "a/b@../x", "a/b@x/../y", "a/b@-x", "a/b@.x",
      "a/b@x y", "a/b@x//y", "a/\u{e9}", "https://huggingface.co/a/b",
      String(repeating: "x", count: 97) + "/b",
    ])
  func noRepositories(_ text: String) {
    #expect(throws: HubError.self) { try HubRepository(text, kind: .model) }
  }

  @Test("folders and switches follow huggingface_hub's variables")
  func environment() {
    func cache(_ variables: [String: String]) -> String {
      HubEnvironment(variables.merging(["HOME": "/home/me"]) { one, _ in one }).cache
    }
    #expect(cache([:]) == "/home/me/.cache/huggingface/hub")
    #expect(cache(["XDG_CACHE_HOME": "/c"]) == "/c/huggingface/hub")
    #expect(cache(["XDG_CACHE_HOME": "/c", "HF_HOME": "~/h"]) == "/home/me/h/hub")
    #expect(cache(["HF_HOME": "/h", "HF_HUB_CACHE": "/x"]) == "/x")
    #expect(HubEnvironment([:]).endpoint == "https://huggingface.co")
    #expect(HubEnvironment(["HF_ENDPOINT": "http://m//"]).endpoint == "http://m")
    for (text, isOffline) in [("1", true), ("true", true), ("0", false), ("", false)] {
      #expect(HubEnvironment(["HF_HUB_OFFLINE": text]).isOffline == isOffline)
    }
  }

  @Test("a path is a path; ORG/NAME that is not there says where it was looked for")
  func places() throws {
    let environment = HubEnvironment(["HF_HOME": "/nonexistent"])
    for path in ["/tmp", ".", "no-slash", "/nonexistent/x", "./a/b", "~/a"] {
      #expect(try ModelPlace.directory(path, environment: environment) == path)
    }
    #expect {
      try ModelPlace.directory("org/name@v1", environment: environment)
    } throws: {
      "\($0)".contains("not in the cache /nonexistent/hub")
        && ($0 as? HubError)?.place == "org/name@v1"
    }
  }

  @Test("headers are read as they are meant")
  func headers() {
    func response(_ name: String, _ value: String) -> HTTPResponse {
      HTTPResponse(status: 200, headers: [(name, value)])
    }
    let range = response("content-range", "bytes 200-999/1000").contentRange
    #expect(range?.start == 200 && range?.total == 1000)
    for text in ["bytes 5-4/10", "bytes 0-10/10", "bytes */10", "bytes 1-2/*", "1-2/3", ""] {
      #expect(response("Content-Range", text).contentRange == nil)
    }
    #expect(response("retry-after", "2.5").retryAfter == 2.5)
    #expect(response("Retry-After", "Mon, 01 Jan 2001 00:00:00 GMT").retryAfter == 0)
    let future = response("Retry-After", "Fri, 01 Jan 2100 00:00:00 GMT").retryAfter
    #expect((future ?? 0) > 1e9)
    for text in ["soon", "-5", "nan", "inf"] {
      #expect(response("Retry-After", text).retryAfter == nil)
    }
    #expect(response("Content-Length", "-1").contentLength == nil)
  }

  @Test("parts of addresses are escaped")
  func escaping() {
    #expect(WebAddress.escaped("refs/pr/1") == "refs%2Fpr%2F1")
    #expect(
      WebAddress.escaped("data/a b?#%é.txt", keepingSlashes: true)
        == "data/a%20b%3F%23%25%C3%A9.txt")
  }
}
