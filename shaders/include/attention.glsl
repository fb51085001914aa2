// SPDX-License-Identifier: GPL-3.0-or-later

// What attention's shaders agree on. Scores are kept in powers of two: exp (x) = exp2 (x · log2 e).

#define LOG2_E 1.44269504

// The score of a key that is not there. Finite, so that a difference of two is not NaN; exp2 of it is zero.
#define MASKED -1e30
