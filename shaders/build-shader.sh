#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# build-shader.sh GLSLC SPIRV-VAL INPUT.comp OUTPUT.spv OUTPUT.d [-I… -D…]
#
# Compiles one variant of one shader and validates what came out. Any warning fails the build. OUTPUT.d tells ninja which
# included files it was made from.
set -e
glslc=$1; validate=$2; input=$3; output=$4; depfile=$5
shift 5

"$glslc" --target-env=vulkan1.2 -O -Werror -fshader-stage=compute "$@" -MD -MF "$depfile" -MT "$output" -o "$output" "$input"
"$validate" --target-env vulkan1.2 "$output" || { rm -f "$output"; exit 1; }
