/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures on their way in, by drop and by clipboard, and on their way out. Drops are what GTK would tell its drop targets; the
 * clipboard is the display's.
 */

#include "config.h"

#include "app-support.h"
#include "fugue-cell.h"
#include "fugue-convert.h"
#include "fugue-export.h"
#include "fugue-gallery.h"
#include "fugue-intake.h"
#include "fugue-picture-content.h"
#include "test-widgets.h"
#include "unclip-image-file.h"

#include <glib/gstdio.h>

typedef struct
{
  char         *folder;
  FugueSession *session;
  FugueIntake  *intake;
  GtkWidget    *place;        /* takes drops for the first free slot */
  GtkWidget    *slot_c;       /* takes drops for slot C */

  /* What the intake said last */
  guint         n_arrived;
  char         *first;        /* name of the first that arrived of those that came together */
  char         *message;
  guint         n_recipes;
  char         *recipe_hash;
  gboolean      has_source;
  FugueIntakeUse use;
} Fixture;

static void
arrived_cb (Fixture     *fixture,
            FugueSource *source,
            gboolean     is_first)
{
  fixture->n_arrived++;
  if (!is_first)
    return;
  g_free (fixture->first);
  fixture->first = g_strdup (fugue_source_get_name (source));
}

static void
recipe_cb (Fixture       *fixture,
           FugueImport   *import,
           FugueSource   *source,
           FugueIntakeUse use)
{
  fixture->n_recipes++;
  g_free (fixture->recipe_hash);
  fixture->recipe_hash = g_strdup (unclip_recipe_get_hash (import->recipe));
  fixture->has_source = source != NULL;
  fixture->use = use;
}

static void
failed_cb (Fixture    *fixture,
           const char *message)
{
  g_free (fixture->message);
  fixture->message = g_strdup (message);
}

static FugueSession *
open_session (Fixture    *fixture,
              const char *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  return app_open (path);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->folder = app_dup_folder ();
  fixture->session = open_session (fixture, "one.fugue");
  fixture->intake = fugue_intake_new (fixture->session);
  fixture->place = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  fixture->slot_c = g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  fugue_intake_add_drop_target (fixture->intake, fixture->place, FUGUE_SLOT_FREE);
  fugue_intake_add_drop_target (fixture->intake, fixture->slot_c, FUGUE_SLOT_C);
  g_signal_connect_swapped (fixture->intake, "arrived", G_CALLBACK (arrived_cb), fixture);
  g_signal_connect_swapped (fixture->intake, "recipe", G_CALLBACK (recipe_cb), fixture);
  g_signal_connect_swapped (fixture->intake, "failed", G_CALLBACK (failed_cb), fixture);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_object_unref (fixture->place);
  g_object_unref (fixture->slot_c);
  /* The thread that read the last file may still be letting go of what it worked for. */
  test_unref_last (fixture->intake);
  app_close (fixture->session);
  app_remove_folder (fixture->folder);
  g_free (fixture->first);
  g_free (fixture->message);
  g_free (fixture->recipe_hash);
}

/* ---- drops ---- */

static GtkEventController *
find_controller (GtkWidget *widget,
                 GType      type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      /* The widget keeps it. */
      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type))
        return controller;
    }
  g_assert_not_reached ();
}

static void
drop (GtkWidget    *widget,
      const GValue *value)
{
  gboolean is_taken = FALSE;

  g_signal_emit_by_name (find_controller (widget, GTK_TYPE_DROP_TARGET), "drop", value, 10.0, 10.0, &is_taken);
  g_assert_true (is_taken);
}

static void
drop_files (GtkWidget         *widget,
            const char *const *paths)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GSList *files = NULL;

  for (guint i = 0; paths[i] != NULL; i++)
    files = g_slist_append (files, g_file_new_for_path (paths[i]));
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_take_boxed (&value, gdk_file_list_new_from_list (files));
  g_slist_free_full (files, g_object_unref);
  drop (widget, &value);
}

static void
drop_object (GtkWidget *widget,
             GType      type,
             gpointer   object)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, type);
  g_value_set_object (&value, object);
  drop (widget, &value);
}

static void
drop_text (GtkWidget  *widget,
           const char *text)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, text);
  drop (widget, &value);
}

/* ---- files and pictures to drop ---- */

static char *
make_file (Fixture    *fixture,
           const char *name,
           guint       seed)
{
  g_autoptr (UnclipImage) image = app_new_image (24, 16, seed);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) png = unclip_image_encode_png (image, NULL, 0, &error);
  char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (png, NULL), (gssize) g_bytes_get_size (png), &error));
  g_assert_no_error (error);
  return path;
}

static gboolean
is_finished (gpointer picture)
{
  return fugue_picture_get_state (picture) == FUGUE_PICTURE_FINISHED;
}

static FuguePicture *
make_picture (FugueSession *session)
{
  g_autoptr (UnclipImage) image = app_new_image (32, 32, 9);
  FuguePicture *picture = app_add_picture (session, 1, 0);

  fugue_session_finish_picture (session, picture, image, NULL, NULL, NULL);
  app_wait_until (is_finished, picture);
  return picture;
}

static void
got_result (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* An exported picture, with its recipe inside. */
static char *
export (Fixture      *fixture,
        FuguePicture *picture)
{
  FugueExportOptions options = { .folder = fixture->folder, .recipe = FUGUE_EXPORT_RECIPE_FULL };
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = NULL;

  g_ptr_array_add (pictures, picture);
  fugue_export_async (fixture->session, pictures, &options, NULL, got_result, &result);
  test_wait_for (result != NULL);
  paths = fugue_export_finish (fixture->session, result, &error);
  g_assert_no_error (error);
  return g_strdup (paths[0]);
}

static guint
count_sources (Fixture *fixture)
{
  return g_list_model_get_n_items (fugue_session_get_sources (fixture->session));
}

static const char *
get_name (Fixture   *fixture,
          FugueSlot  slot)
{
  FugueSource *source = fugue_session_get_slot (fixture->session, slot);

  return source != NULL ? fugue_source_get_name (source) : NULL;
}

/* ---- the tests ---- */

/* Many files take the slots in their order, and what is left goes to the tray; the first is the one to look at. */
static void
test_many_files (Fixture       *fixture,
                 gconstpointer  data)
{
  static const char *const NAMES[] = { "one", "two", "three", "four", "five", "six" };
  g_auto (GStrv) paths = g_new0 (char *, G_N_ELEMENTS (NAMES) + 1);

  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      g_autofree char *file = g_strconcat (NAMES[i], ".png", NULL);

      paths[i] = make_file (fixture, file, i);
    }
  drop_files (fixture->place, (const char *const *) paths);
  test_wait_for (fixture->n_arrived == G_N_ELEMENTS (NAMES));
  for (FugueSlot slot = FUGUE_SLOT_A; slot < FUGUE_N_SLOTS; slot++)
    g_assert_cmpstr (get_name (fixture, slot), ==, NAMES[slot]);
  g_assert_cmpuint (count_sources (fixture), ==, 6);
  g_assert_cmpstr (fixture->first, ==, "one");
  g_assert_null (fixture->message);
}

/* A slot takes what is dropped on it, and who was there goes to the tray. */
static void
test_one_file (Fixture       *fixture,
               gconstpointer  data)
{
  g_autofree char *one = make_file (fixture, "one.png", 1);
  g_autofree char *two = make_file (fixture, "two.png", 2);
  FugueSource *first;

  drop_files (fixture->slot_c, (const char *const[]) { one, NULL });
  test_wait_for (fixture->n_arrived == 1);
  first = fugue_session_get_slot (fixture->session, FUGUE_SLOT_C);
  g_assert_cmpstr (fugue_source_get_name (first), ==, "one");
  g_assert_null (get_name (fixture, FUGUE_SLOT_A));

  drop_files (fixture->slot_c, (const char *const[]) { two, NULL });
  test_wait_for (fixture->n_arrived == 2);
  g_assert_cmpstr (get_name (fixture, FUGUE_SLOT_C), ==, "two");
  g_assert_cmpint (fugue_source_get_slot (first), ==, FUGUE_SLOT_TRAY);

  /* And a source that is dragged from slot to slot. */
  drop_object (fixture->slot_c, FUGUE_TYPE_SOURCE, first);
  g_assert_cmpstr (get_name (fixture, FUGUE_SLOT_C), ==, "one");
}

static FugueSlot
get_hovered (Fixture *fixture)
{
  FugueSlot slot;

  g_object_get (fixture->intake, "hovered", &slot, NULL);
  return slot;
}

static void
assert_hint (Fixture    *fixture,
             const char *words)
{
  g_autofree char *hint = fugue_intake_dup_hint (fixture->intake);

  g_assert_cmpstr (hint, ==, words);
}

/* Before it is dropped, it is told who would take it, and what becomes of who is there. */
static void
test_hover (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *one = make_file (fixture, "one.png", 1);
  GdkDragAction action;

  g_assert_cmpint (get_hovered (fixture), ==, FUGUE_SLOT_NONE);
  assert_hint (fixture, NULL);
  g_signal_emit_by_name (find_controller (fixture->slot_c, GTK_TYPE_DROP_TARGET), "enter", 5.0, 5.0, &action);
  g_assert_cmpint (action, ==, GDK_ACTION_COPY);
  g_assert_cmpint (get_hovered (fixture), ==, FUGUE_SLOT_C);
  assert_hint (fixture, "Let go to put it in slot C");
  g_signal_emit_by_name (find_controller (fixture->slot_c, GTK_TYPE_DROP_TARGET), "leave");
  g_assert_cmpint (get_hovered (fixture), ==, FUGUE_SLOT_NONE);

  g_signal_emit_by_name (find_controller (fixture->place, GTK_TYPE_DROP_TARGET), "enter", 5.0, 5.0, &action);
  g_assert_cmpint (get_hovered (fixture), ==, FUGUE_SLOT_A);
  drop_files (fixture->place, (const char *const[]) { one, NULL });
  g_assert_cmpint (get_hovered (fixture), ==, FUGUE_SLOT_NONE);
  test_wait_for (fixture->n_arrived == 1);
  g_signal_emit_by_name (find_controller (fixture->place, GTK_TYPE_DROP_TARGET), "enter", 5.0, 5.0, &action);
  g_assert_cmpint (get_hovered (fixture), ==, FUGUE_SLOT_B);

  drop_files (fixture->slot_c, (const char *const[]) { one, NULL });
  test_wait_for (fixture->n_arrived == 2);
  g_signal_emit_by_name (find_controller (fixture->slot_c, GTK_TYPE_DROP_TARGET), "motion", 5.0, 5.0, &action);
  g_signal_emit_by_name (find_controller (fixture->slot_c, GTK_TYPE_DROP_TARGET), "enter", 5.0, 5.0, &action);
  assert_hint (fixture, "Let go to put it in slot C, in the place of “one”");
}

/* A picture that Fugue made: a source whose settings are offered, or settings alone, or both. */
static void
test_own_file (Fixture       *fixture,
               gconstpointer  data)
{
  FuguePicture *picture = make_picture (fixture->session);
  g_autofree char *path = export (fixture, picture);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);
  const char *hash = unclip_recipe_get_hash (fugue_picture_get_recipe (picture));

  drop_files (fixture->place, (const char *const[]) { path, NULL });
  test_wait_for (fixture->n_recipes == 1);
  g_assert_cmpstr (fixture->recipe_hash, ==, hash);
  g_assert_true (fixture->has_source);
  g_assert_cmpint (fixture->use, ==, FUGUE_INTAKE_ASK);
  g_assert_cmpuint (fixture->n_arrived, ==, 1);
  g_assert_cmpuint (count_sources (fixture), ==, 1);

  g_list_store_append (files, file);
  fugue_intake_take_files (fixture->intake, G_LIST_MODEL (files), FUGUE_SLOT_FREE, FUGUE_INTAKE_SETTINGS);
  test_wait_for (fixture->n_recipes == 2);
  g_assert_false (fixture->has_source);
  g_assert_cmpint (fixture->use, ==, FUGUE_INTAKE_SETTINGS);
  g_assert_cmpuint (fixture->n_arrived, ==, 1);

  fugue_intake_take_files (fixture->intake, G_LIST_MODEL (files), FUGUE_SLOT_B, FUGUE_INTAKE_BOTH);
  test_wait_for (fixture->n_recipes == 3);
  g_assert_true (fixture->has_source);
  g_assert_cmpint (fixture->use, ==, FUGUE_INTAKE_BOTH);
  g_assert_nonnull (get_name (fixture, FUGUE_SLOT_B));
}

/* The same of one that is dragged out of the gallery. */
static void
test_own_picture (Fixture       *fixture,
                  gconstpointer  data)
{
  FuguePicture *picture = make_picture (fixture->session);
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, FUGUE_TYPE_PICTURE);
  g_value_set_object (&value, picture);
  fugue_intake_take_value (fixture->intake, &value, FUGUE_SLOT_FREE, FUGUE_INTAKE_SETTINGS);
  g_assert_cmpuint (fixture->n_recipes, ==, 1);
  g_assert_cmpstr (fixture->recipe_hash, ==, unclip_recipe_get_hash (fugue_picture_get_recipe (picture)));
  g_assert_cmpuint (count_sources (fixture), ==, 0);

  fugue_intake_take_value (fixture->intake, &value, FUGUE_SLOT_B, FUGUE_INTAKE_BOTH);
  test_wait_for (fixture->n_recipes == 2);
  g_assert_true (fixture->has_source);
  g_assert_cmpint (fixture->use, ==, FUGUE_INTAKE_BOTH);
  g_assert_nonnull (get_name (fixture, FUGUE_SLOT_B));

  fugue_intake_take_value (fixture->intake, &value, FUGUE_SLOT_C, FUGUE_INTAKE_ASK);
  test_wait_for (fixture->n_arrived == 2);
  g_assert_cmpuint (fixture->n_recipes, ==, 2);
}

static void
test_texture (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (UnclipImage) image = app_new_image (20, 10, 3);
  g_autoptr (GdkTexture) texture = fugue_texture_new_from_image (image);
  g_autofree char *sha256 = unclip_image_dup_sha256 (image);

  drop_object (fixture->place, GDK_TYPE_TEXTURE, texture);
  test_wait_for (fixture->n_arrived == 1);
  g_assert_cmpstr (fugue_source_get_sha256 (fugue_session_get_slot (fixture->session, FUGUE_SLOT_A)), ==, sha256);
}

/* What is no picture is refused with words that name it; a text that names a picture's file is as good as the file. */
static void
test_text (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *letter = g_build_filename (fixture->folder, "letter.txt", NULL);
  g_autofree char *one = make_file (fixture, "one.png", 1);
  g_autofree char *uri = g_filename_to_uri (one, NULL, NULL);
  g_autoptr (GFile) far = g_file_new_for_uri ("sftp://host/picture.png");
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);

  g_assert_true (g_file_set_contents (letter, "Dear reader", -1, NULL));
  drop_files (fixture->place, (const char *const[]) { letter, NULL });
  test_wait_for (fixture->message != NULL);
  g_assert_nonnull (strstr (fixture->message, "letter"));
  g_clear_pointer (&fixture->message, g_free);

  drop_text (fixture->place, "Dear reader");
  g_assert_cmpstr (fixture->message, ==, "There is no picture in that text.");
  g_clear_pointer (&fixture->message, g_free);

  g_list_store_append (files, far);
  fugue_intake_take_files (fixture->intake, G_LIST_MODEL (files), FUGUE_SLOT_FREE, FUGUE_INTAKE_ASK);
  g_assert_nonnull (strstr (fixture->message, "sftp://host/picture.png"));
  g_clear_pointer (&fixture->message, g_free);
  g_assert_cmpuint (count_sources (fixture), ==, 0);

  drop_text (fixture->place, uri);
  test_wait_for (fixture->n_arrived == 1);
  g_assert_cmpstr (get_name (fixture, FUGUE_SLOT_A), ==, "one");
  g_assert_null (fixture->message);
}

/* Out of the gallery: a file with a name and the recipe, and the bytes of a PNG. */
static GBytes *
write_as (GdkContentProvider *content,
          const char         *mime_type)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  gdk_content_provider_write_mime_type_async (content, mime_type, stream, G_PRIORITY_DEFAULT, NULL, got_result, &result);
  test_wait_for (result != NULL);
  gdk_content_provider_write_mime_type_finish (content, result, &error);
  g_assert_no_error (error);
  g_output_stream_close (stream, NULL, &error);
  g_assert_no_error (error);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
}

static GtkWidget *
find_cell (GtkWidget *widget)
{
  if (FUGUE_IS_CELL (widget))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *cell = find_cell (child);

      if (cell != NULL && fugue_cell_get_picture (FUGUE_CELL (cell)) != NULL)
        return cell;
    }
  return NULL;
}

static void
test_drag_out (Fixture       *fixture,
               gconstpointer  data)
{
  FuguePicture *picture = make_picture (fixture->session);
  GtkWidget *gallery = fugue_gallery_new (fixture->session);
  GtkWindow *window = test_window_new (gallery);
  g_autoptr (GdkContentProvider) content = NULL;
  g_autoptr (GdkContentFormats) formats = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) list = NULL;
  g_autoptr (GBytes) png = NULL;
  g_autoptr (UnclipImage) dragged = NULL;
  g_autoptr (UnclipImage) encoded = NULL;
  g_auto (GStrv) uris = NULL;
  g_autofree char *text = NULL;
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;

  test_wait_for (find_cell (gallery) != NULL);
  g_signal_emit_by_name (find_controller (find_cell (gallery), GTK_TYPE_DRAG_SOURCE), "prepare", 5.0, 5.0, &content);
  g_assert_nonnull (content);
  formats = gdk_content_provider_ref_formats (content);
  g_assert_true (gdk_content_formats_contain_mime_type (formats, "image/png"));
  g_assert_true (gdk_content_formats_contain_mime_type (formats, "text/uri-list"));

  list = write_as (content, "text/uri-list");
  text = g_strndup (g_bytes_get_data (list, NULL), g_bytes_get_size (list));
  uris = g_uri_list_extract_uris (text);
  g_assert_cmpuint (g_strv_length (uris), ==, 1);
  path = g_filename_from_uri (uris[0], NULL, &error);
  g_assert_no_error (error);
  name = g_path_get_basename (path);
  g_assert_cmpstr (name, ==, "lighthouse-vary-41-1.png");
  dragged = unclip_image_load (path, &error);
  g_assert_no_error (error);

  png = write_as (content, "image/png");
  encoded = unclip_image_load_bytes (png, "the picture", &error);
  g_assert_no_error (error);
  g_assert_cmpmem (unclip_image_get_pixels (dragged), unclip_image_get_n_bytes (dragged),
                   unclip_image_get_pixels (encoded), unclip_image_get_n_bytes (encoded));

  /* What was dragged out comes in again with its recipe. */
  drop_files (fixture->place, (const char *const[]) { path, NULL });
  test_wait_for (fixture->n_recipes == 1);
  g_assert_cmpstr (fixture->recipe_hash, ==, unclip_recipe_get_hash (fugue_picture_get_recipe (picture)));
  g_unlink (path);
  gtk_window_destroy (window);
}

/* Pictures and sources of another window come over with their pixels; the lineage stays where it was. */
static void
test_other_window (Fixture       *fixture,
                   gconstpointer  data)
{
  FugueSession *other = open_session (fixture, "two.fugue");
  FuguePicture *picture = make_picture (other);
  g_autoptr (UnclipImage) image = app_new_image (30, 20, 4);
  FugueSource *source = fugue_session_add_source (other, image, "boat", FUGUE_SLOT_B);

  drop_object (fixture->place, FUGUE_TYPE_PICTURE, picture);
  test_wait_for (fixture->n_arrived == 1);
  g_assert_cmpstr (get_name (fixture, FUGUE_SLOT_A), ==, "lighthouse");
  g_assert_cmpint (fugue_source_get_picture (fugue_session_get_slot (fixture->session, FUGUE_SLOT_A)), ==, 0);

  drop_object (fixture->slot_c, FUGUE_TYPE_SOURCE, source);
  test_wait_for (fixture->n_arrived == 2);
  g_assert_cmpstr (get_name (fixture, FUGUE_SLOT_C), ==, "boat");
  g_assert_cmpstr (fugue_source_get_sha256 (fugue_session_get_slot (fixture->session, FUGUE_SLOT_C)), ==,
                   fugue_source_get_sha256 (source));
  g_assert_null (fixture->message);
  app_close (other);
}

/* ---- the clipboard ---- */

static GdkClipboard *
get_clipboard (void)
{
  return gdk_display_get_clipboard (gdk_display_get_default ());
}

static void
test_paste_picture (Fixture       *fixture,
                    gconstpointer  data)
{
  FuguePicture *picture = make_picture (fixture->session);
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  g_autoptr (GdkContentProvider) content = NULL;
  g_autoptr (UnclipImage) image = app_new_image (20, 10, 3);
  g_autoptr (GdkTexture) texture = fugue_texture_new_from_image (image);
  g_autofree char *sha256 = unclip_image_dup_sha256 (image);

  g_ptr_array_add (pictures, picture);
  content = fugue_picture_content_new (fixture->session, pictures);
  gdk_clipboard_set_content (get_clipboard (), content);
  fugue_intake_paste (fixture->intake, get_clipboard ());
  test_wait_for (fixture->n_arrived == 1);
  g_assert_cmpint (fugue_source_get_picture (fugue_session_get_slot (fixture->session, FUGUE_SLOT_A)), ==,
                   fugue_picture_get_id (picture));

  gdk_clipboard_set_texture (get_clipboard (), texture);
  fugue_intake_paste (fixture->intake, get_clipboard ());
  test_wait_for (fixture->n_arrived == 2);
  g_assert_cmpstr (fugue_source_get_sha256 (fugue_session_get_slot (fixture->session, FUGUE_SLOT_B)), ==, sha256);
  gdk_clipboard_set_content (get_clipboard (), NULL);
}

static void
test_paste_text (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (UnclipRecipe) recipe = app_new_recipe (APP_MODEL_SHA256, 7, 0);

  gdk_clipboard_set_text (get_clipboard (), unclip_recipe_get_canonical (recipe));
  fugue_intake_paste (fixture->intake, get_clipboard ());
  test_wait_for (fixture->n_recipes == 1);
  g_assert_cmpstr (fixture->recipe_hash, ==, unclip_recipe_get_hash (recipe));
  g_assert_cmpint (fixture->use, ==, FUGUE_INTAKE_SETTINGS);
  g_assert_cmpuint (count_sources (fixture), ==, 0);

  gdk_clipboard_set_text (get_clipboard (), "{\"kind\": \"no recipe\"}");
  fugue_intake_paste (fixture->intake, get_clipboard ());
  test_wait_for (fixture->message != NULL);
  g_assert_nonnull (strstr (fixture->message, "clipboard"));
  g_clear_pointer (&fixture->message, g_free);

  gdk_clipboard_set_text (get_clipboard (), "Dear reader");
  fugue_intake_paste (fixture->intake, get_clipboard ());
  test_wait_for (fixture->message != NULL);
  g_assert_cmpstr (fixture->message, ==, "There is no picture in that text.");
  g_clear_pointer (&fixture->message, g_free);

  gdk_clipboard_set_content (get_clipboard (), NULL);
  fugue_intake_paste (fixture->intake, get_clipboard ());
  test_wait_for (fixture->message != NULL);
  g_assert_cmpstr (fixture->message, ==, "There is no picture on the clipboard.");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();

  g_test_add ("/ui/intake/many-files", Fixture, NULL, set_up, test_many_files, tear_down);
  g_test_add ("/ui/intake/one-file", Fixture, NULL, set_up, test_one_file, tear_down);
  g_test_add ("/ui/intake/own-picture", Fixture, NULL, set_up, test_own_picture, tear_down);
  g_test_add ("/ui/intake/hover", Fixture, NULL, set_up, test_hover, tear_down);
  g_test_add ("/ui/intake/own-file", Fixture, NULL, set_up, test_own_file, tear_down);
  g_test_add ("/ui/intake/texture", Fixture, NULL, set_up, test_texture, tear_down);
  g_test_add ("/ui/intake/text", Fixture, NULL, set_up, test_text, tear_down);
  g_test_add ("/ui/intake/drag-out", Fixture, NULL, set_up, test_drag_out, tear_down);
  g_test_add ("/ui/intake/other-window", Fixture, NULL, set_up, test_other_window, tear_down);
  g_test_add ("/ui/intake/paste-picture", Fixture, NULL, set_up, test_paste_picture, tear_down);
  g_test_add ("/ui/intake/paste-text", Fixture, NULL, set_up, test_paste_text, tear_down);
  return g_test_run ();
}
