/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lays the grid out, copies the pictures in byte by byte (so that one shown at its own size keeps its values), and lets
 * Cairo write the text.
 */

#include "config.h"

#include "unclip-sheet.h"

#include "unclip-error.h"
#include "unclip-resize.h"

#include <cairo.h>
#include <math.h>
#include <string.h>

#define MIN_CELL_SIZE 160
#define MAX_CELL_SIZE 512

/* Pixels. */
#define MARGIN 16
#define GAP 12
#define CAPTION_SIZE 12.0
#define CAPTION_HEIGHT 20
#define TITLE_SIZE 16.0
#define TITLE_HEIGHT 32

#define BACKGROUND (40 / 255.0)
#define INK 0.85

typedef struct
{
  guint n_columns, n_rows;
  guint cell_width, cell_height;        /* of the pictures' place, without the caption */
  guint caption_height, title_height;   /* 0 where there are none */
  guint width, height;                  /* of the sheet */
} Layout;

static guint
choose_cell_size (const UnclipSheetParams *params)
{
  guint size = 0;

  if (params->cell_size > 0)
    return params->cell_size;
  for (guint i = 0; i < params->n_cells; i++)
    size = MAX (size, MAX (unclip_image_get_width (params->cells[i].image),
                           unclip_image_get_height (params->cells[i].image)));
  return CLAMP (size, MIN_CELL_SIZE, MAX_CELL_SIZE);
}

static UnclipImage *
scale (UnclipImage *image, guint cell_size)
{
  if (MAX (unclip_image_get_width (image), unclip_image_get_height (image)) == cell_size)
    return unclip_image_ref (image);
  return unclip_image_resize_to_fit (image, cell_size, cell_size);
}

static GPtrArray *
scale_all (const UnclipSheetParams *params)
{
  GPtrArray *images = g_ptr_array_new_with_free_func ((GDestroyNotify) unclip_image_unref);
  guint      cell_size = choose_cell_size (params);

  for (guint i = 0; i < params->n_cells; i++)
    g_ptr_array_add (images, scale (params->cells[i].image, cell_size));
  return images;
}

/* Near square; up to twice as wide if that leaves no place empty. */
static guint
choose_n_columns (guint n_cells, guint cell_width, guint cell_height)
{
  guint least = CLAMP ((guint) ceil (sqrt (n_cells * (double) cell_height / cell_width)), 1, n_cells);

  for (guint n = least; n <= 2 * least && n <= n_cells; n++)
    if (n_cells % n == 0)
      return n;
  return least;
}

static gboolean
lay_out (Layout *layout, const UnclipSheetParams *params, const GPtrArray *images, GError **error)
{
  guint64 width, height;

  *layout = (Layout) { .n_columns = params->n_columns };
  for (guint i = 0; i < images->len; i++)
    {
      layout->cell_width = MAX (layout->cell_width, unclip_image_get_width (images->pdata[i]));
      layout->cell_height = MAX (layout->cell_height, unclip_image_get_height (images->pdata[i]));
      if (params->cells[i].caption != NULL)
        layout->caption_height = CAPTION_HEIGHT;
    }
  if (params->title != NULL)
    layout->title_height = TITLE_HEIGHT;
  if (layout->n_columns == 0)
    layout->n_columns = choose_n_columns (images->len, layout->cell_width, layout->cell_height);
  layout->n_columns = MIN (layout->n_columns, images->len);
  layout->n_rows = (images->len + layout->n_columns - 1) / layout->n_columns;

  width = 2 * MARGIN - GAP + (guint64) layout->n_columns * (layout->cell_width + GAP);
  height = 2 * MARGIN - GAP + layout->title_height
           + (guint64) layout->n_rows * (layout->cell_height + layout->caption_height + GAP);
  if (width > UNCLIP_IMAGE_MAX_SIDE || height > UNCLIP_IMAGE_MAX_SIDE)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_ARGUMENT,
                   "A contact sheet of %u pictures would be %" G_GUINT64_FORMAT " × %" G_GUINT64_FORMAT
                   " pixels, and a side may have %d at most", images->len, width, height, UNCLIP_IMAGE_MAX_SIDE);
      return FALSE;
    }
  layout->width = (guint) width;
  layout->height = (guint) height;
  return TRUE;
}

static void
cell_origin (const Layout *layout, guint i, guint *x, guint *y)
{
  *x = MARGIN + i % layout->n_columns * (layout->cell_width + GAP);
  *y = MARGIN + layout->title_height
       + i / layout->n_columns * (layout->cell_height + layout->caption_height + GAP);
}

static gboolean
text_fits (cairo_t *cairo, const char *text, double width)
{
  cairo_text_extents_t extents;

  cairo_text_extents (cairo, text, &extents);
  return extents.x_advance <= width;
}

static char *
dup_shortened (const char *text, glong n_characters)
{
  g_autofree char *part = g_utf8_substring (text, 0, n_characters);

  return g_strconcat (g_strchomp (part), "…", NULL);
}

/* As much of the text as @width holds, with an ellipsis where something is missing. */
static char *
fit_text (cairo_t *cairo, const char *text, double width)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  glong            fits = 0, too_many = g_utf8_strlen (valid, -1);

  if (text_fits (cairo, valid, width))
    return g_steal_pointer (&valid);

  while (too_many - fits > 1)
    {
      glong            middle = fits + (too_many - fits) / 2;
      g_autofree char *shorter = dup_shortened (valid, middle);

      if (text_fits (cairo, shorter, width))
        fits = middle;
      else
        too_many = middle;
    }
  return dup_shortened (valid, fits);
}

static void
draw_text (cairo_t *cairo, const char *text, double size, double x, double baseline, double width)
{
  g_autofree char *fitting = NULL;

  cairo_set_font_size (cairo, size);
  fitting = fit_text (cairo, text, width);
  cairo_move_to (cairo, x, baseline);
  cairo_show_text (cairo, fitting);
}

/* Background and text. */
static cairo_surface_t *
draw (const Layout *layout, const UnclipSheetParams *params)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) layout->width, (int) layout->height);
  cairo_t         *cairo = cairo_create (surface);

  cairo_set_source_rgb (cairo, BACKGROUND, BACKGROUND, BACKGROUND);
  cairo_paint (cairo);
  cairo_set_source_rgb (cairo, INK, INK, INK);
  cairo_select_font_face (cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
  if (params->title != NULL)
    draw_text (cairo, params->title, TITLE_SIZE, MARGIN, MARGIN + TITLE_SIZE, layout->width - 2 * MARGIN);
  for (guint i = 0; i < params->n_cells; i++)
    {
      guint x, y;

      cell_origin (layout, i, &x, &y);
      if (params->cells[i].caption != NULL)
        draw_text (cairo, params->cells[i].caption, CAPTION_SIZE, x, y + layout->cell_height + CAPTION_SIZE + 3,
                   layout->cell_width);
    }
  cairo_destroy (cairo);
  cairo_surface_flush (surface);
  return surface;
}

/* Cairo's pixels are 32-bit words, 0x00RRGGBB. */
static guint8 *
dup_pixels (cairo_surface_t *surface, const Layout *layout)
{
  const guchar *data = cairo_image_surface_get_data (surface);
  gsize         stride = (gsize) cairo_image_surface_get_stride (surface);
  guint8       *out = g_malloc ((gsize) layout->width * layout->height * 3), *p = out;

  for (guint y = 0; y < layout->height; y++)
    for (guint x = 0; x < layout->width; x++)
      {
        guint32 word;

        memcpy (&word, data + y * stride + (gsize) x * 4, sizeof word);
        *p++ = (guint8) (word >> 16);
        *p++ = (guint8) (word >> 8);
        *p++ = (guint8) word;
      }
  return out;
}

static void
put_image (guint8 *sheet, const Layout *layout, guint i, const UnclipImage *image)
{
  guint  width = unclip_image_get_width (image), height = unclip_image_get_height (image);
  guint  x, y;

  cell_origin (layout, i, &x, &y);
  x += (layout->cell_width - width) / 2;
  y += (layout->cell_height - height) / 2;
  for (guint row = 0; row < height; row++)
    memcpy (sheet + ((gsize) (y + row) * layout->width + x) * 3,
            unclip_image_get_pixels (image) + (gsize) row * width * 3, (gsize) width * 3);
}

UnclipImage *
unclip_sheet_new (const UnclipSheetParams *params, GError **error)
{
  g_autoptr (GPtrArray) images = NULL;
  cairo_surface_t      *surface;
  guint8               *pixels;
  Layout                layout;

  g_return_val_if_fail (params != NULL && params->n_cells > 0, NULL);

  images = scale_all (params);
  if (!lay_out (&layout, params, images, error))
    return NULL;

  surface = draw (&layout, params);
  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, UNCLIP_ERROR, UNCLIP_ERROR_OUT_OF_MEMORY,
                   "The contact sheet of %u × %u pixels could not be drawn: %s", layout.width, layout.height,
                   cairo_status_to_string (cairo_surface_status (surface)));
      cairo_surface_destroy (surface);
      return NULL;
    }
  pixels = dup_pixels (surface, &layout);
  cairo_surface_destroy (surface);
  for (guint i = 0; i < images->len; i++)
    put_image (pixels, &layout, i, images->pdata[i]);
  return unclip_image_new_take (layout.width, layout.height, pixels);
}
