/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pictures of a session in a grid, with filters, search, order, and several selected at once.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

#include "fugue-session.h"

G_BEGIN_DECLS

#define FUGUE_TYPE_GALLERY (fugue_gallery_get_type ())

/* Signals:
 *
 *     chosen (FuguePicture *picture)     Return or a double click: to be put on stage
 *     current-changed ()                 selection or focus moved
 *     quick-look (FuguePicture *picture) Space is held on it, or was moved to it meanwhile; %NULL: was let go
 *     source-look (gboolean is_held)     B was pressed, or let go
 */
G_DECLARE_FINAL_TYPE (FugueGallery, fugue_gallery, FUGUE, GALLERY, GtkWidget)

GtkWidget    *fugue_gallery_new          (FugueSession *session);

/**
 * fugue_gallery_get_current:
 *
 * The picture that keys act on: the focused one, else the first that is selected.
 *
 * Returns: (transfer none) (nullable)
 */
FuguePicture *fugue_gallery_get_current  (FugueGallery *self);

/**
 * fugue_gallery_dup_selected:
 *
 * Returns: (transfer full) (element-type FuguePicture): all that are selected, in the order shown; else the current one; else none
 */
GPtrArray    *fugue_gallery_dup_selected (FugueGallery *self);

/**
 * fugue_gallery_dup_shown:
 *
 * Returns: (transfer full) (element-type FuguePicture): all that filter and search let through, in the order shown
 */
GPtrArray    *fugue_gallery_dup_shown    (FugueGallery *self);

/**
 * fugue_gallery_go_to:
 * @picture: (transfer none)
 * @focus: take the focus too, unless a text field has it
 *
 * Selects a picture alone and scrolls to it. A filter that hides it is set back.
 */
void          fugue_gallery_go_to        (FugueGallery *self,
                                          FuguePicture *picture,
                                          gboolean      focus);

/**
 * fugue_gallery_dup_neighbour:
 * @direction: 1 for the next, −1 for the one before
 * @unmarked: only those without a mark count
 *
 * Returns: (transfer full) (nullable): the nearest one to the current picture, %NULL at the end
 */
FuguePicture *fugue_gallery_dup_neighbour (FugueGallery *self,
                                           int           direction,
                                           gboolean      unmarked);

/**
 * fugue_gallery_dup_after_selection:
 *
 * Returns: (transfer full) (nullable): what follows the last selected picture
 */
FuguePicture *fugue_gallery_dup_after_selection (FugueGallery *self);

/**
 * fugue_gallery_set_cell_size:
 * @size: pixels; brought into the range of cells
 */
void          fugue_gallery_set_cell_size (FugueGallery *self,
                                           int           size);
int           fugue_gallery_get_cell_size (FugueGallery *self);

/* Puts the focus into the search field, or into the grid. */
void          fugue_gallery_focus_search (FugueGallery *self);
gboolean      fugue_gallery_focus_grid   (FugueGallery *self);

/**
 * fugue_gallery_move:
 * @direction: as it is seen, in whichever direction people read
 *
 * Goes where the arrow key leads, if the focus is on a picture.
 */
void          fugue_gallery_move         (FugueGallery     *self,
                                          GtkDirectionType  direction);

/**
 * fugue_gallery_has_grid_focus:
 *
 * Whether the focus is on a picture.
 */
gboolean      fugue_gallery_has_grid_focus (FugueGallery *self);

/**
 * fugue_gallery_set_menu:
 * @menu: shown at a right click, the menu key or Shift+F10
 */
void          fugue_gallery_set_menu     (FugueGallery *self,
                                          GMenuModel   *menu);

G_END_DECLS
