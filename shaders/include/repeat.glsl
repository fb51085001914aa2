// SPDX-License-Identifier: GPL-3.0-or-later

// Repetition by the preprocessor. Software Vulkan (Mesa 22.3) does not unroll loops over local arrays, whatever the
// attribute says, and an array that is indexed by a variable lives in memory: a GEMM is then 20 times slower.
//
//   ROWS (F)    F (0) F (1) … F (TILE_ROWS − 1)
//   PAIRS (F, l)   F (0, 1, l) F (2, 3, l) …

#define REPEAT_4(F) F (0) F (1) F (2) F (3)
#define REPEAT_8(F) REPEAT_4 (F) F (4) F (5) F (6) F (7)
#define REPEAT_16(F) REPEAT_8 (F) F (8) F (9) F (10) F (11) F (12) F (13) F (14) F (15)

#define REPEAT_PAIRS_4(F, l) F (0, 1, l) F (2, 3, l)
#define REPEAT_PAIRS_16(F, l) \
  REPEAT_PAIRS_4 (F, l) F (4, 5, l) F (6, 7, l) F (8, 9, l) F (10, 11, l) F (12, 13, l) F (14, 15, l)

#define REPEAT_JOIN_(a, b) a##b
#define REPEAT_JOIN(a, b) REPEAT_JOIN_ (a, b)
#define ROWS REPEAT_JOIN (REPEAT_, TILE_ROWS)
#define PAIRS REPEAT_JOIN (REPEAT_PAIRS_, TILE_ROWS)
