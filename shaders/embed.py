#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""embed.py OUTPUT.c FILE.spv…: writes the table of built shaders, sorted by name.

The words go in as string literals of four-byte units (aligned by the union), which compilers read many times faster than
lists of numbers. The shader's name is the file's stem.
"""

import os
import sys

HEAD = """/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Written by shaders/embed.py: the SPIR-V of every shader variant. */

#include "unclip-shaders.h"

#include <stdlib.h>
#include <string.h>

"""

TAIL = """
static int
compare_name (const void *name,
              const void *shader)
{
  return strcmp (name, ((const UnclipShader *) shader)->name);
}

const UnclipShader *
unclip_shaders_find (const char *name)
{
  return bsearch (name, shaders, sizeof shaders / sizeof shaders[0], sizeof shaders[0], compare_name);
}

const UnclipShader *
unclip_shaders_get_all (unsigned int *n_shaders)
{
  *n_shaders = sizeof shaders / sizeof shaders[0];
  return shaders;
}
"""

BYTES_A_LINE = 48
ESCAPES = ["\\%03o" % byte for byte in range(256)]


def main():
    output, files = sys.argv[1], sys.argv[2:]
    shaders = {os.path.splitext(os.path.basename(path))[0]: path for path in files}
    if len(shaders) != len(files):
        sys.exit("two shaders have the same name")

    parts, rows = [HEAD], []
    for name in sorted(shaders):
        with open(shaders[name], "rb") as file:
            words = file.read()
        if not words or len(words) % 4:
            sys.exit(shaders[name] + ": not SPIR-V")
        lines = ("  \"%s\"\n" % "".join(ESCAPES[byte] for byte in words[i:i + BYTES_A_LINE])
                 for i in range(0, len(words), BYTES_A_LINE))
        parts.append("static const union { char bytes[%d]; uint32_t words[%d]; } unclip_spv_%s = { .bytes =\n%s};\n"
                     % (len(words), len(words) // 4, name, "".join(lines)))
        rows.append("  { \"%s\", unclip_spv_%s.words, %d },\n" % (name, name, len(words) // 4))
    parts.append("\nstatic const UnclipShader shaders[] = {\n%s};\n" % "".join(rows))
    parts.append(TAIL)

    with open(output, "w", encoding="ascii") as file:
        file.write("".join(parts))


main()
