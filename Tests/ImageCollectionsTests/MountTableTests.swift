import Files
import Testing

import ImageCollections

@Suite struct MountTableTests {
  @Test func `a disk that is not mounted is told from a folder that is gone`() {
    let mounts = MountTable(
      mounted: "/dev/a / ext4 rw 0 0\n/dev/b /mnt/in ext4 rw 0 0\n",
      table: "# x\nUUID=1 /data\\040one ext4 defaults 0 2\nUUID=2 / ext4 defaults 0 1\n")
    #expect(mounts.missing(above: PathBytes("/data one/x.png")) == PathBytes("/data one"))
    #expect(mounts.missing(above: PathBytes("/mnt/none-such/x.png")) == PathBytes("/mnt/none-such"))
    #expect(mounts.missing(above: PathBytes("/mnt/in/x/y.png")) == nil)
    #expect(mounts.missing(above: PathBytes("/home/a/y.png")) == nil)
  }
}
