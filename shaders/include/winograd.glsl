// SPDX-License-Identifier: GPL-3.0-or-later

// What the two transforms of a Winograd convolution F(4×4, 3×3) share. Lavin & Gray 2015, sec. 4.3: interpolation points
// 0, ±1, ±2 and ∞; an output tile of 4×4 pixels from a patch of 6×6.
//
// Between the transforms lie 36 products of (tiles × I) · (I × O), one for each element of the 6×6 patch, done by linear.
// Both sides of them are f32 scratch: [element][tile][texel]. Tiles are numbered through the whole batch, so small maps
// still fill the products' rows.

layout (push_constant) uniform Push
{
  int t_first;                  // tiles: first of this chunk,
  int n_tiles;                  // and how many it has
  int c4;                       // texels of a pixel: of x in winograd-in, of y in winograd-out
  int tiles_per_image, tiles_w;
  int h, w;                     // of the output picture
  int x_stride4, x_offset4;
  int in_h, in_w;               // winograd-in: pixels of x
  int image_bias_stride4, image_bias_offset4;
  int residual_stride4, residual_offset4;
};

// The invocation's tile in the chunk and texel, lanes along texels.
ivec2
locate (int invocation)
{
  return quotient (invocation, c4);
}

// The tile's picture and its first output row and column.
ivec3
locate_tile (int tile)
{
  ivec2 image = quotient (t_first + tile, tiles_per_image);

  return ivec3 (image.x, 4 * quotient (image.y, tiles_w));
}
