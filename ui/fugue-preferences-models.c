/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The model: which one is loaded and what it lacks, and which others there are, in the Hugging Face cache and in folders that
 * were pointed at. The engine looks, since its disk is the one that counts.
 */

#include "config.h"

#include "fugue-compat.h"
#include "fugue-preferences-private.h"
#include "fugue-settings.h"

#include <glib/gi18n.h>

typedef struct
{
  FuguePreferences *preferences;        /* borrowed: goes with the window, as this does */
  GtkWidget        *present;            /* borrowed widgets */
  GtkWidget        *parts;
  GtkWidget        *found;
  GtkWidget        *status;
  GtkWidget        *folders;
} Page;

static const char *
get_part_name (const char *part)
{
  static const struct { const char *part, *name; } names[] = {
    { "image_encoder", N_("Image encoder") }, { "text_encoder", N_("Text encoder") }, { "prior", N_("Prior") },
    { "decoder", N_("Decoder") }, { "text_proj", N_("Text projection") }, { "super_res_first", N_("Upsampler") },
    { "super_res_last", N_("Upsampler's last step") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i].part, part))
      return _(names[i].name);
  return part;
}

static void
clear_box (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)))
    gtk_box_remove (GTK_BOX (box), child);
}

static void
add_part (Page *page, const FugueModelPart *part)
{
  g_autofree char *size = part->n_bytes > 0 ? g_format_size (part->n_bytes) : g_strdup ("");
  g_autofree char *text = NULL;

  /* Parts without weights are of no interest to anybody. */
  if (part->is_present && part->n_bytes == 0)
    return;
  text = part->is_present ? g_strdup_printf ("✓ %s · %s", get_part_name (part->name), size)
                          : g_strdup_printf (_("✗ %s · missing"), get_part_name (part->name));
  fugue_preferences_add_text (page->parts, text);
}

/* The present model, or why there is none. */
static void
update_present (Page *page)
{
  FugueEngine     *engine = fugue_engine_pool_get_main (page->preferences->pool);
  FugueModelInfo  *model = engine ? fugue_engine_get_model (engine) : NULL;
  const GError    *error = engine ? fugue_engine_get_error (engine) : NULL;
  g_autofree char *text = NULL;

  clear_box (page->parts);
  if (model)
    {
      g_autofree char *size = g_format_size (model->n_bytes);

      text = g_strdup_printf (_("%s · %s · %u pixels a side"), model->name, size, model->picture_size);
      for (guint i = 0; i < model->n_parts; i++)
        add_part (page, &model->parts[i]);
      if (!model->can_vary)
        fugue_preferences_add_text (page->parts, _("The decoder is here, the image encoder is missing (of Karlo: CLIP ViT-L/14, 1.2 GB). "
                                                   "Variations need it."));
    }
  else
    text = g_strdup (error ? error->message : _("Loading…"));
  gtk_label_set_label (GTK_LABEL (page->present), text);
}

static void
use_clicked_cb (GtkButton *button, Page *page)
{
  g_settings_set_string (page->preferences->settings, "model", g_object_get_data (G_OBJECT (button), "folder"));
}

static GtkWidget *
use_button_new (Page *page, const char *folder)
{
  GtkWidget *button = gtk_button_new_with_label (_("Use"));

  g_object_set_data_full (G_OBJECT (button), "folder", g_strdup (folder), g_free);
  g_signal_connect (button, "clicked", G_CALLBACK (use_clicked_cb), page);
  return button;
}

static void
add_found (Page *page, const FugueFoundModel *model)
{
  g_autofree char *size = g_format_size (model->n_bytes);
  g_autofree char *subtitle = model->is_complete ? g_strdup_printf ("%s · %s", size, model->folder) : g_strdup (model->message);
  GtkWidget       *end = model->is_complete ? use_button_new (page, model->folder) : gtk_label_new (_("Incomplete"));

  fugue_preferences_add_row (page->found, model->name, subtitle, end);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Page                 *page = data;
  g_autoptr (GError)    error = NULL;
  g_autoptr (GPtrArray) models = fugue_engine_find_models_finish (FUGUE_ENGINE (source), result, &error);

  /* Cancelled means that the window, and the page with it, is gone. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  clear_box (page->found);
  gtk_label_set_label (GTK_LABEL (page->status), error ? error->message : "");
  gtk_widget_set_visible (page->status, error != NULL);
  for (guint i = 0; models && i < models->len; i++)
    {
      const FugueFoundModel *model = g_ptr_array_index (models, i);

      /* It has a row of its own. */
      if (!g_str_equal (model->name, "mini"))
        add_found (page, model);
    }
}

static void
look (Page *page)
{
  FugueEngine   *engine = fugue_engine_pool_get_main (page->preferences->pool);
  g_auto (GStrv) folders = g_settings_get_strv (page->preferences->settings, "model-folders");

  if (!engine)
    return;
  gtk_label_set_label (GTK_LABEL (page->status), _("Looking…"));
  gtk_widget_set_visible (page->status, TRUE);
  fugue_engine_find_models_async (engine, (const char *const *) folders, page->preferences->cancellable, found_cb, page);
}

static void update_folders (Page *page);

static void
set_folders (Page *page, GPtrArray *folders)
{
  g_ptr_array_add (folders, NULL);
  g_settings_set_strv (page->preferences->settings, "model-folders", (const char *const *) folders->pdata);
  update_folders (page);
  look (page);
}

static void
remove_clicked_cb (GtkButton *button, Page *page)
{
  g_auto (GStrv)        old = g_settings_get_strv (page->preferences->settings, "model-folders");
  const char           *folder = g_object_get_data (G_OBJECT (button), "folder");
  g_autofree char      *kept = g_strdup (folder);
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();

  for (guint i = 0; old[i]; i++)
    if (!g_str_equal (old[i], kept))
      g_ptr_array_add (folders, old[i]);
  set_folders (page, folders);
}

static void
update_folders (Page *page)
{
  g_auto (GStrv) folders = g_settings_get_strv (page->preferences->settings, "model-folders");

  clear_box (page->folders);
  for (guint i = 0; folders[i]; i++)
    {
      GtkWidget *button = gtk_button_new_with_label (_("Forget"));

      g_object_set_data_full (G_OBJECT (button), "folder", g_strdup (folders[i]), g_free);
      g_signal_connect (button, "clicked", G_CALLBACK (remove_clicked_cb), page);
      fugue_preferences_add_row (page->folders, folders[i], NULL, button);
    }
}

static void
folder_chosen_cb (GListModel *files, gpointer data)
{
  Page             *page = data;
  g_autoptr (GFile) file = files ? g_list_model_get_item (files, 0) : NULL;
  g_autofree char  *path = file ? g_file_get_path (file) : NULL;

  if (path && fugue_settings_add_model_folder (page->preferences->settings, path))
    {
      update_folders (page);
      look (page);
    }
}

static void
add_clicked_cb (Page *page)
{
  FugueFileChooser chooser = {
    .title = _("Folder with models"), .accept = _("Look here"), .action = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
  };

  fugue_compat_choose_files (page->preferences->window, &chooser, folder_chosen_cb, page);
}

/* What can be fetched by whoever wants more: Fugue itself fetches nothing. Sizes are those of all weights in single precision. */

static void
copy_clicked_cb (GtkButton *button, const char *name)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), name);
}

static void
add_larger (GtkWidget *widget)
{
  static const struct { const char *name, *words; } models[] = {
    { "kakaobrain/karlo-v1-alpha-image-variations", N_("10.8 GB. Variations of pictures, 256 pixels a side, photographs too.") },
    { "kakaobrain/karlo-v1-alpha", N_("13.7 GB. The same with a prior for captions; variations need an image encoder in its folder.") },
  };

  fugue_preferences_add_text (widget, _("Repositories of the Hugging Face Hub, to be fetched by its own tools. Fugue reads weights in "
                                        ".safetensors files alone, and is never on the network itself."));
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      GtkWidget *copy = gtk_button_new_with_label (_("Copy name"));

      g_signal_connect (copy, "clicked", G_CALLBACK (copy_clicked_cb), (gpointer) models[i].name);
      fugue_preferences_add_row (widget, models[i].name, _(models[i].words), copy);
    }
}

static void
mini_clicked_cb (Page *page)
{
  g_settings_reset (page->preferences->settings, "model");
}

static GtkWidget *
add_box (GtkWidget *page)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_box_append (GTK_BOX (page), box);
  return box;
}

static void
engine_free_cb (FugueEnginePool *pool, FugueEngine *engine, Page *page)
{
  update_present (page);
}

static void
page_free (gpointer data)
{
  Page *page = data;

  g_signal_handlers_disconnect_by_data (page->preferences->pool, page);
  g_free (page);
}

GtkWidget *
fugue_preferences_models_new (FuguePreferences *self)
{
  GtkWidget *widget = fugue_preferences_page_new ();
  GtkWidget *mini = gtk_button_new_with_label (_("Use"));
  GtkWidget *add = gtk_button_new_with_label (_("Choose a folder…"));
  Page      *page = g_new0 (Page, 1);

  page->preferences = self;
  g_object_set_data_full (G_OBJECT (widget), "page", page, page_free);

  fugue_preferences_add_heading (widget, _("In use"));
  page->present = fugue_preferences_add_text (widget, "");
  page->parts = add_box (widget);

  fugue_preferences_add_heading (widget, _("On this computer"));
  fugue_preferences_add_row (widget, _("Mini"), _("Ships with Fugue: small, for pictograms and simple drawings, not photographs."),
                             mini);
  page->found = add_box (widget);
  page->status = fugue_preferences_add_text (widget, "");

  fugue_preferences_add_heading (widget, _("Where to look"));
  fugue_preferences_add_text (widget, _("The Hugging Face cache, and:"));
  page->folders = add_box (widget);
  gtk_widget_set_halign (add, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (widget), add);

  fugue_preferences_add_heading (widget, _("Larger models"));
  add_larger (widget);

  g_signal_connect_swapped (mini, "clicked", G_CALLBACK (mini_clicked_cb), page);
  g_signal_connect_swapped (add, "clicked", G_CALLBACK (add_clicked_cb), page);
  g_signal_connect (self->pool, "engine-free", G_CALLBACK (engine_free_cb), page);
  update_present (page);
  update_folders (page);
  look (page);
  return widget;
}
