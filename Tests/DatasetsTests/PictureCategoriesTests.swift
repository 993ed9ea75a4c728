import Datasets
import Files
import Testing

@Suite struct PictureCategoriesTests {
  private func categories(_ files: [String], roots: [String] = ["/p"], known: [String] = [])
    -> [String?]
  {
    let paths = files.map { PathBytes("/p/\($0)") }
    let found = PictureCategories(
      PictureListing(files: paths.sorted(), roots: roots.map { PathBytes($0) }), known: known)
    return paths.map { found.category(of: $0) }
  }

  @Test("class folders give their names, whatever the alphabet, blanks and underscores")
  func folders() {
    #expect(
      categories([
        "ground_track_field/ground_track_field_001.png", "agricultural/agricultural00.png",
        "solar panel/0001.png", "港口/1.png", "mission/DJI_0001.png", "mission/IMG_0002.png",
      ]) == [
        "ground_track_field", "agricultural", "solar panel", "港口", "mission", "mission",
      ])
  }

  @Test(
    "accuracy is over RSICD's thirty where all are of them, else over the pictures' own, and over none of one"
  )
  func measured() {
    #expect(PictureCategories.measured(["beach"]) == [])
    #expect(PictureCategories.measured(["Beach", "beach"]) == [])
    #expect(PictureCategories.measured(["orchard", "beach"]) == ["beach", "orchard"])
    let scenes = PictureCategories.measured(["Storage_Tanks", "beach"])
    #expect(scenes.count == 30 && scenes[3] == "beach" && scenes[28] == "Storage_Tanks")
    let listing = PictureListing(
      files: ["/p/big port/IMG_1.jpg", "/p/orchard/IMG_1.jpg", "/p/orchard/IMG_2.jpg"].map {
        PathBytes($0)
      }, roots: [PathBytes("/p")])
    #expect(PictureCategories(listing).names == ["big port", "orchard"])
  }

  @Test("splits and folders that sort are passed over")
  func sorting() {
    #expect(
      categories(["train/airport/1.png", "val/airport/2.png", "train/lake/images/3.png"])
        == ["airport", "airport", "lake"])
    #expect(categories(["train/1.png", "test/2.png", "images/3.png"]) == [nil, nil, nil])
    #expect(categories(["river/0001.jpg", "2024/0002.jpg"]) == ["river", nil])
  }

  @Test("names tell where a prefix comes with different numbers, and is no camera's")
  func names() {
    #expect(
      categories([
        "a/wind turbine_3.jpg", "a/wind turbine_4.jpg", "a/Lake01.tif", "a/lake_02.tif",
      ]) == ["wind turbine", "wind turbine", "lake", "lake"])
    #expect(
      categories([
        "DJI_0001.jpg", "DJI_0002.jpg", "IMG_1.jpg", "IMG_2.jpg", "S2A_1.tif", "S2A_2.tif",
        "P0001.png",
        "P0002.png", "once_1.png", "GOPR0001.jpg", "GOPR0002.jpg", "1000268201_693b08cb0e.jpg",
      ]).allSatisfy { $0 == nil })
    // RSICD's thirty are known, and so are labels that are asked for.
    #expect(categories(["Port_1.JPG", "once_1.png"], known: ["Once"]) == ["port", "once"])
  }

  @Test("files of several categories in one folder tell more than it does")
  func mixed() {
    #expect(
      categories(["x/airport_1.png", "x/port_1.png", "y/river_1.png", "y/beach_1.png"])
        == ["airport", "port", "river", "beach"])
  }

  @Test("several folders given, as by a star, are classes; one is none unless it is known")
  func roots() {
    let files = ["lake/1.png", "harbour/2.png"]
    #expect(categories(files, roots: ["/p/lake", "/p/harbour"]) == ["lake", "harbour"])
    #expect(categories(["summer/1.png"], roots: ["/p/summer"]) == [nil])
    #expect(categories(["beach/1.png"], roots: ["/p/beach"]) == ["beach"])
  }

  @Test("names are compared by letters and digits alone, and spelled as the folder is")
  func spelling() {
    #expect(
      categories(["storage tanks/1.png", "lake/2.png", "StorageTanks_3.png"])
        == ["storage tanks", "lake", "storage tanks"])
    #expect(CategoryName.key("Storage_Tanks 2") == "storagetanks2")
  }
}
