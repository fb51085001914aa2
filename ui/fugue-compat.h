/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Everything for which GTK after 4.8 (the floor) has another way stands here, so that one file changes when the floor rises.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * FugueFilesFunc:
 * @files: (nullable) (element-type GFile): what was chosen, at least one; %NULL when the dialog was dismissed
 */
typedef void (* FugueFilesFunc) (GListModel *files,
                                 gpointer    user_data);

/**
 * FugueFileChooser:
 * @title: of the dialog
 * @accept: (nullable): of its button; %NULL for the usual word
 * @action: open, save or choose a folder
 * @many: whether several files may be chosen
 * @pictures: whether only pictures are listed at first
 * @folder: (nullable): where it starts
 * @name: (nullable): of save: the proposed name
 */
typedef struct
{
  const char           *title;
  const char           *accept;
  GtkFileChooserAction  action;
  gboolean              many;
  gboolean              pictures;
  GFile                *folder;
  const char           *name;
} FugueFileChooser;

/**
 * fugue_compat_choose_files:
 * @parent: the dialog is modal to it
 * @chooser: what to ask
 * @func: called once, unless @parent is gone first
 *
 * The desktop's file chooser, through its portal where there is one.
 */
void fugue_compat_choose_files (GtkWindow              *parent,
                                const FugueFileChooser *chooser,
                                FugueFilesFunc          func,
                                gpointer                user_data);

/**
 * fugue_compat_show_in_files:
 *
 * Opens the file manager with the file selected; where none answers, its folder.
 */
void fugue_compat_show_in_files (GtkWindow             *parent,
                                 GFile                 *file);

/**
 * fugue_compat_leave:
 * @part: a widget that is hidden or taken away, or about to be
 * @to: (nullable): what gets the focus instead, if it takes it
 *
 * Takes the window's focus out of @part. GTK 4.8 leaves it on a widget that is gone, and then no key reaches anything.
 */
void fugue_compat_leave         (GtkWidget             *part,
                                 GtkWidget             *to);

G_END_DECLS
