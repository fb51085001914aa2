#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the sample pictures, 256 × 256 pixels each, with pycairo (Debian: python3-cairo).

    python3 data/samples/draw.py [FOLDER]
"""
import math
import pathlib
import sys

import cairo

SIZE = 256


def begin():
    """A white page in a 100 × 100 coordinate system."""
    surface = cairo.ImageSurface(cairo.FORMAT_RGB24, SIZE, SIZE)
    context = cairo.Context(surface)
    context.scale(SIZE / 100, SIZE / 100)
    context.set_source_rgb(1, 1, 1)
    context.paint()
    context.set_line_join(cairo.LINE_JOIN_ROUND)
    context.set_line_cap(cairo.LINE_CAP_ROUND)
    return surface, context


def fill(context, red, green, blue, preserve=False):
    context.set_source_rgb(red / 255, green / 255, blue / 255)
    (context.fill_preserve if preserve else context.fill)()


def draw_apple(context):
    context.move_to(50, 36)
    context.curve_to(40, 26, 14, 28, 14, 54)
    context.curve_to(14, 76, 30, 92, 42, 92)
    context.curve_to(46, 92, 48, 90, 50, 90)
    context.curve_to(52, 90, 54, 92, 58, 92)
    context.curve_to(70, 92, 86, 76, 86, 54)
    context.curve_to(86, 28, 60, 26, 50, 36)
    fill(context, 214, 43, 43)
    context.move_to(26, 42)
    context.curve_to(20, 48, 20, 58, 23, 64)
    context.set_line_width(5)
    context.set_source_rgb(1, 0.55, 0.5)
    context.stroke()
    context.move_to(50, 38)
    context.curve_to(50, 28, 53, 20, 58, 14)
    context.set_line_width(5)
    context.set_source_rgb(0.42, 0.26, 0.13)
    context.stroke()
    context.move_to(56, 26)
    context.curve_to(60, 14, 74, 10, 86, 14)
    context.curve_to(82, 26, 70, 32, 56, 26)
    fill(context, 92, 168, 58)


def draw_star(context):
    for i in range(10):
        radius = 42 if i % 2 == 0 else 18
        angle = math.pi * i / 5 - math.pi / 2
        (context.line_to if i else context.move_to)(50 + radius * math.cos(angle), 53 + radius * math.sin(angle))
    context.close_path()
    fill(context, 255, 200, 40, preserve=True)
    context.set_line_width(4)
    context.set_source_rgb(0.93, 0.62, 0.08)
    context.stroke()


def draw_fish(context):
    context.move_to(66, 52)
    context.line_to(92, 30)
    context.curve_to(86, 46, 86, 58, 92, 74)
    context.close_path()
    fill(context, 32, 102, 190)
    context.move_to(8, 52)
    context.curve_to(22, 22, 58, 24, 74, 52)
    context.curve_to(58, 80, 22, 82, 8, 52)
    fill(context, 64, 148, 230)
    context.move_to(40, 34)
    context.curve_to(50, 46, 50, 58, 40, 70)
    context.set_line_width(3)
    context.set_source_rgb(0.13, 0.4, 0.75)
    context.stroke()
    context.arc(26, 46, 5, 0, 2 * math.pi)
    fill(context, 255, 255, 255)
    context.arc(25, 46, 2.4, 0, 2 * math.pi)
    fill(context, 20, 30, 50)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    for name, draw in (('apple', draw_apple), ('star', draw_star), ('fish', draw_fish)):
        surface, context = begin()
        draw(context)
        surface.write_to_png(str(folder / f'{name}.png'))


if __name__ == '__main__':
    main()
