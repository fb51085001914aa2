/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures on their way out: to the clipboard, to files, and back out of these; and copies of the session. */

#include "config.h"

#include "fugue-window-private.h"

#include <glib/gi18n.h>

#include "fugue-compat.h"
#include "fugue-export.h"
#include "fugue-picture-content.h"

static GPtrArray *
filter_finished (GPtrArray *pictures)
{
  GPtrArray *finished = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < pictures->len; i++)
    if (fugue_picture_get_state (pictures->pdata[i]) == FUGUE_PICTURE_FINISHED)
      g_ptr_array_add (finished, g_object_ref (pictures->pdata[i]));
  return finished;
}

static GPtrArray *
dup_finished (FugueWindow *self)
{
  g_autoptr (GPtrArray) selected = fugue_gallery_dup_selected (self->gallery);
  GPtrArray *finished;

  if (selected->len == 0 && self->picture != NULL)
    g_ptr_array_add (selected, g_object_ref (self->picture));
  finished = filter_finished (selected);
  if (finished->len == 0)
    fugue_window_toast (self, selected->len > 0 ? _("This picture is not finished yet.")
                                                : _("No picture is selected in the gallery."), NULL, 0);
  return finished;
}

static void
copy_cb (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       user_data)
{
  FugueWindow *self = user_data;
  g_autoptr (GPtrArray) pictures = dup_finished (self);
  g_autoptr (GdkContentProvider) content = NULL;

  if (pictures->len == 0)
    return;

  content = fugue_picture_content_new (self->session, pictures);
  gdk_clipboard_set_content (gtk_widget_get_clipboard (GTK_WIDGET (self)), content);
  fugue_window_toast (self, _("Copied."), NULL, 0);
}

static void
copy_recipe_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       user_data)
{
  FugueWindow *self = user_data;
  FuguePicture *picture = fugue_gallery_get_current (self->gallery);
  UnclipRecipe *recipe = picture != NULL ? fugue_picture_get_recipe (picture) : NULL;

  if (recipe == NULL)
    return;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), unclip_recipe_get_canonical (recipe));
  fugue_window_toast (self, _("The recipe is copied. Ctrl+V takes its settings."), NULL, 0);
}

/* @paths: (transfer full) (nullable): %NULL with @error set */
static void
say_exported (FugueWindow  *self,
              char        **paths,
              const GError *error)
{
  const FugueToastButton buttons[] = {
    { _("Show in files"), "win.show-exported" },
    { _("Undo"), "win.undo-export" },
  };
  g_autofree char *folder = NULL;
  g_autofree char *name = NULL;
  g_autofree char *message = NULL;
  guint n;

  if (g_cancellable_is_cancelled (self->cancellable))
    {
      g_strfreev (paths);
      return;
    }
  if (paths == NULL)
    {
      fugue_window_toast (self, error->message, NULL, 0);
      return;
    }

  g_strfreev (self->exported);
  self->exported = paths;
  n = g_strv_length (paths);
  folder = g_path_get_dirname (paths[0]);
  name = g_path_get_basename (paths[0]);
  if (n == 1)
    message = g_strdup_printf (_("Exported %s to %s."), name, folder);
  else
    message = g_strdup_printf (ngettext ("Exported %u picture to %s.", "Exported %u pictures to %s.", n), n, folder);
  g_settings_set_string (self->settings, "export-folder", folder);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *uri = g_filename_to_uri (paths[i], NULL, NULL);

      gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
    }
  fugue_window_toast (self, message, buttons, G_N_ELEMENTS (buttons));
}

static void
exported_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (FugueWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  char **paths = fugue_export_finish (FUGUE_SESSION (object), result, &error);

  say_exported (self, paths, error);
}

static void
sheet_exported_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr (FugueWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = fugue_export_sheet_finish (FUGUE_SESSION (object), result, &error);
  const char *const paths[] = { path, NULL };

  say_exported (self, path != NULL ? g_strdupv ((char **) paths) : NULL, error);
}

static char *
dup_export_folder (FugueWindow *self)
{
  g_autofree char *folder = g_settings_get_string (self->settings, "export-folder");
  const char *pictures = g_get_user_special_dir (G_USER_DIRECTORY_PICTURES);

  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&folder);
  return g_strdup (pictures != NULL && g_file_test (pictures, G_FILE_TEST_IS_DIR) ? pictures : g_get_home_dir ());
}

static void
export_to (FugueWindow *self,
           GPtrArray   *pictures,
           const char  *folder)
{
  g_autofree char *pattern = g_settings_get_string (self->settings, "export-pattern");
  FugueExportOptions options = {
    .folder = folder,
    .pattern = pattern,
    .recipe = g_settings_get_enum (self->settings, "export-recipe"),
    .with_json = g_settings_get_boolean (self->settings, "export-json"),
  };

  fugue_export_async (self->session, pictures, &options, self->cancellable, exported_cb, g_object_ref (self));
}

static void
export_cb (GSimpleAction *action,
           GVariant      *parameter,
           gpointer       user_data)
{
  FugueWindow *self = user_data;
  g_autoptr (GPtrArray) pictures = dup_finished (self);
  g_autofree char *folder = dup_export_folder (self);

  if (pictures->len > 0)
    export_to (self, pictures, folder);
}

/* Of what is selected; of one picture there is no sheet to be made, so it is all that are shown then. */
static void
contact_sheet_cb (GSimpleAction *action,
                  GVariant      *parameter,
                  gpointer       user_data)
{
  FugueWindow *self = user_data;
  g_autoptr (GPtrArray) selected = fugue_gallery_dup_selected (self->gallery);
  g_autoptr (GPtrArray) shown = fugue_gallery_dup_shown (self->gallery);
  g_autoptr (GPtrArray) pictures = filter_finished (selected->len > 1 ? selected : shown);
  g_autofree char *folder = dup_export_folder (self);
  g_autofree char *pattern = g_settings_get_string (self->settings, "export-pattern");

  if (pictures->len == 0)
    fugue_window_toast (self, _("There is no finished picture for a contact sheet."), NULL, 0);
  else
    fugue_export_sheet_async (self->session, pictures, folder, pattern, self->cancellable, sheet_exported_cb,
                              g_object_ref (self));
}

typedef struct
{
  FugueWindow *window;      /* owned */
  GPtrArray   *pictures;    /* owned */
} ExportRequest;

static void
place_chosen_cb (GListModel *files,
                 gpointer    user_data)
{
  ExportRequest *request = user_data;
  FugueWindow *self = request->window;

  if (files != NULL && !g_cancellable_is_cancelled (self->cancellable))
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, 0);
      const char *path = g_file_peek_path (file);

      if (path == NULL)
        fugue_window_toast (self, _("Pictures can be exported to folders of this computer only."), NULL, 0);
      else if (request->pictures->len == 1)
        fugue_export_file_async (self->session, request->pictures->pdata[0], path, TRUE,
                                 g_settings_get_enum (self->settings, "export-recipe"), self->cancellable,
                                 exported_cb, g_object_ref (self));
      else
        export_to (self, request->pictures, path);
    }
  g_object_unref (request->window);
  g_ptr_array_unref (request->pictures);
  g_free (request);
}

static void
export_as_cb (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  FugueWindow *self = user_data;
  g_autoptr (GPtrArray) pictures = dup_finished (self);
  g_autofree char *folder_path = dup_export_folder (self);
  g_autoptr (GFile) folder = g_file_new_for_path (folder_path);
  g_autofree char *pattern = g_settings_get_string (self->settings, "export-pattern");
  g_autofree char *stem = NULL;
  g_autofree char *name = NULL;
  FugueFileChooser chooser = { .folder = folder, .accept = _("Export") };
  ExportRequest *request;

  if (pictures->len == 0)
    return;

  if (pictures->len == 1)
    {
      stem = fugue_export_dup_name (pattern, pictures->pdata[0], fugue_picture_get_number (pictures->pdata[0]) + 1);
      name = g_strconcat (stem, ".png", NULL);
      chooser.title = _("Export Picture");
      chooser.action = GTK_FILE_CHOOSER_ACTION_SAVE;
      chooser.name = name;
    }
  else
    {
      chooser.title = _("Export Pictures to a Folder");
      chooser.action = GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER;
    }
  request = g_new (ExportRequest, 1);
  *request = (ExportRequest) { .window = g_object_ref (self), .pictures = g_steal_pointer (&pictures) };
  fugue_compat_choose_files (GTK_WINDOW (self), &chooser, place_chosen_cb, request);
}

static void
show_exported_cb (GSimpleAction *action,
                  GVariant      *parameter,
                  gpointer       user_data)
{
  FugueWindow *self = user_data;

  if (self->exported != NULL)
    {
      g_autoptr (GFile) file = g_file_new_for_path (self->exported[0]);

      fugue_compat_show_in_files (GTK_WINDOW (self), file);
    }
}

static void
trashed_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (FugueWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_file_trash_finish (G_FILE (object), result, &error) && !g_cancellable_is_cancelled (self->cancellable))
    fugue_window_toast (self, error->message, NULL, 0);
}

static void
undo_export_cb (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       user_data)
{
  FugueWindow *self = user_data;

  for (guint i = 0; self->exported != NULL && self->exported[i] != NULL; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_path (self->exported[i]);

      g_file_trash_async (file, G_PRIORITY_DEFAULT, NULL, trashed_cb, g_object_ref (self));
    }
  g_clear_pointer (&self->exported, g_strfreev);
}

static void
copy_saved_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (FugueWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean saved = fugue_session_save_copy_finish (FUGUE_SESSION (object), result, &error);

  if (!g_cancellable_is_cancelled (self->cancellable))
    fugue_window_toast (self, saved ? _("A copy of the session is saved.") : error->message, NULL, 0);
}

static void
copy_place_chosen_cb (GListModel *files,
                      gpointer    user_data)
{
  g_autoptr (FugueWindow) self = user_data;
  g_autoptr (GFile) file = files != NULL ? g_list_model_get_item (files, 0) : NULL;

  if (file != NULL && g_file_peek_path (file) != NULL && !g_cancellable_is_cancelled (self->cancellable))
    fugue_session_save_copy_async (self->session, g_file_peek_path (file), self->cancellable, copy_saved_cb,
                                   g_object_ref (self));
}

static void
save_copy_cb (GSimpleAction *action,
              GVariant      *parameter,
              gpointer       user_data)
{
  FugueWindow *self = user_data;
  FugueFileChooser chooser = {
    .title = _("Save a Copy of the Session"), .accept = _("Save"), .action = GTK_FILE_CHOOSER_ACTION_SAVE,
    .name = "session.fugue",
  };

  fugue_compat_choose_files (GTK_WINDOW (self), &chooser, copy_place_chosen_cb, g_object_ref (self));
}

static const GActionEntry ACTIONS[] = {
  { "copy", copy_cb },
  { "copy-recipe", copy_recipe_cb },
  { "export", export_cb },
  { "export-as", export_as_cb },
  { "contact-sheet", contact_sheet_cb },
  { "show-exported", show_exported_cb },
  { "undo-export", undo_export_cb },
  { "save-copy", save_copy_cb },
};

void
fugue_window_add_export_actions (FugueWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), ACTIONS, G_N_ELEMENTS (ACTIONS), self);
}
