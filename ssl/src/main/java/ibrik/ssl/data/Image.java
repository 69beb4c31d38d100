package ibrik.ssl.data;

/// An image of bytes, rows from the top, channels last.
///
/// @param height rows
/// @param width columns
/// @param channels 1 (grey) or 3 (RGB)
/// @param pixels `height * width * channels` bytes, read as 0..255; not copied, do not change
@SuppressWarnings("ArrayRecordComponent")
public record Image(int height, int width, int channels, byte[] pixels) {
  /// Checks the byte count.
  public Image {
    if (height < 1 || width < 1 || (channels != 1 && channels != 3)) {
      throw new IllegalArgumentException(
          "[image] needs at least one pixel and 1 or 3 channels; got "
              + height
              + "x"
              + width
              + "x"
              + channels);
    }
    long bytes = (long) height * width * channels;
    if (pixels.length != bytes) {
      throw new IllegalArgumentException(
          "[image] "
              + height
              + "x"
              + width
              + "x"
              + channels
              + " needs "
              + bytes
              + " bytes; got "
              + pixels.length);
    }
  }
}
