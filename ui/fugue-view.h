/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One to three pictures beside each other, zoomed and moved together.
 *
 * Keys: plus and minus zoom, 0 fits, Ctrl+1 shows pixel for pixel, Ctrl+2 twice as large, Ctrl+arrows move. The wheel zooms
 * about the pointer, dragging moves. All of it are also the actions view.zoom-in, view.zoom-out, view.fit and view.zoom (d).
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_VIEW_MAX_PANES 3

#define FUGUE_TYPE_VIEW (fugue_view_get_type ())

/* Properties: "zoom" (double; pixels of the screen a pixel of the picture, 0 … 64; 0, the default, fits the pictures into the
 * view), "is-sharp" (boolean; shows pixels as squares beyond double size, rather than smoothed; FALSE). Both notified. */
G_DECLARE_FINAL_TYPE (FugueView, fugue_view, FUGUE, VIEW, GtkWidget)

/**
 * FugueViewPane:
 * @texture: (nullable): nothing is drawn but the title
 * @title: (nullable): translated; stands above the picture
 */
typedef struct
{
  GdkTexture *texture;
  const char *title;
} FugueViewPane;

GtkWidget *fugue_view_new       (void);

/**
 * fugue_view_set_panes:
 * @panes: (array length=n_panes): copied
 * @n_panes: 0 … 3
 *
 * Zoom and place are kept: previews of one picture follow each other here.
 */
void       fugue_view_set_panes (FugueView           *self,
                                 const FugueViewPane *panes,
                                 guint                n_panes);

/**
 * fugue_view_get_shown_zoom:
 *
 * Returns: pixels of the screen a pixel of the first picture, also while they are fitted; 0 without a picture
 */
double     fugue_view_get_shown_zoom (FugueView      *self);

double     fugue_view_get_zoom  (FugueView           *self);
void       fugue_view_set_zoom  (FugueView           *self,
                                 double               zoom);

G_END_DECLS
