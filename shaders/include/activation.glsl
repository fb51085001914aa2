// SPDX-License-Identifier: GPL-3.0-or-later

// Activation functions, in the numbering of UnclipActivation. All map 0 to 0, so padding stays zero.

const int ACTIVATION_NONE = 0;
const int ACTIVATION_SILU = 1;
const int ACTIVATION_GELU = 2;
const int ACTIVATION_QUICK_GELU = 3;

// erf, Abramowitz & Stegun 7.1.26: absolute error below 1.5e-7, which is all that 1 + erf can hold in f32.
vec4
erf4 (vec4 x)
{
  vec4 a = abs (x);
  vec4 t = 1.0 / (1.0 + 0.3275911 * a);
  vec4 p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));

  return sign (x) * (1.0 - p * exp (-a * a));
}

vec4
activate (vec4 x, int activation)
{
  if (activation == ACTIVATION_SILU)
    return x / (1.0 + exp (-x));
  if (activation == ACTIVATION_GELU)
    return 0.5 * x * (1.0 + erf4 (x * 0.70710678));
  if (activation == ACTIVATION_QUICK_GELU)
    return x / (1.0 + exp (-1.702 * x));
  return x;
}
