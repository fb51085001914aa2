/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-folder-batch.h"

#include <glib/gi18n.h>
#include <string.h>

/* Of the session file: a(sass), as g_variant_print() writes it, of folder, files that have no job yet, and the controls' values;
 * folders and files are URIs, since names of files may be any bytes. */
#define SETTING "folder-batches"
#define SETTING_TYPE "a(sass)"

/* A folder that is being read. */
typedef struct
{
  char      *folder;                    /* URI */
  GPtrArray *files;                     /* URIs */
  guint      next;                      /* of files */
  char      *values;                    /* of the controls */
  guint      n_queued;
  guint      n_failed;
  char      *message;                   /* of the first that failed */
  gboolean   may_have_job;              /* a crash may have come between the last jobs and the note that they are queued */
} Work;

struct _FugueFolderBatch
{
  GObject        parent_instance;

  FugueSession  *session;
  FugueQueue    *queue;
  FugueControls *controls;
  GQueue         works;                 /* of Work; the first is being read */
  GQueue         left_over;             /* of Work */
  GCancellable  *cancellable;           /* of the file that is being read; NULL when none is */
};

enum
{
  PROP_N_WAITING = 1,
  PROP_N_LEFT_OVER,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];
static guint       done_signal;

G_DEFINE_FINAL_TYPE (FugueFolderBatch, fugue_folder_batch, G_TYPE_OBJECT)

/* The list of files. */

static gboolean
looks_like_picture (const char *name)
{
  g_autofree char *type = g_content_type_guess (name, NULL, 0, NULL);

  return name[0] != '.' && g_content_type_is_mime_type (type, "image/*");
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
list_worker (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  const char           *path = data;
  GError               *error = NULL;
  g_autoptr (GDir)      folder = g_dir_open (path, 0, &error);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  const char           *name;

  if (folder == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  while ((name = g_dir_read_name (folder)) != NULL && !g_cancellable_is_cancelled (cancellable))
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      if (looks_like_picture (name) && !g_file_test (file, G_FILE_TEST_IS_DIR))
        g_ptr_array_add (found, g_steal_pointer (&file));
    }
  g_ptr_array_sort (found, compare_names);
  g_ptr_array_add (found, NULL);
  g_ptr_array_set_free_func (found, NULL);
  g_task_return_pointer (task, g_ptr_array_free (g_steal_pointer (&found), FALSE), (GDestroyNotify) g_strfreev);
}

void
fugue_folder_list_async (const char *folder, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_task_data (task, g_strdup (folder), g_free);
  g_task_run_in_thread (task, list_worker);
}

char **
fugue_folder_list_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* What stands in the session file. */

static void
work_free (Work *work)
{
  g_free (work->folder);
  g_ptr_array_unref (work->files);
  g_free (work->values);
  g_free (work->message);
  g_free (work);
}

static guint
count (GQueue *works)
{
  guint n = 0;

  for (GList *l = works->head; l != NULL; l = l->next)
    n += ((Work *) l->data)->files->len - ((Work *) l->data)->next;
  return n;
}

static void
append_works (GVariantBuilder *builder, GQueue *works)
{
  for (GList *l = works->head; l != NULL; l = l->next)
    {
      Work *work = l->data;

      g_variant_builder_open (builder, G_VARIANT_TYPE ("(sass)"));
      g_variant_builder_add (builder, "s", work->folder);
      g_variant_builder_open (builder, G_VARIANT_TYPE ("as"));
      for (guint i = work->next; i < work->files->len; i++)
        g_variant_builder_add (builder, "s", g_ptr_array_index (work->files, i));
      g_variant_builder_close (builder);
      g_variant_builder_add (builder, "s", work->values);
      g_variant_builder_close (builder);
    }
}

static void
changed (FugueFolderBatch *self)
{
  GVariantBuilder      builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE (SETTING_TYPE));
  g_autoptr (GVariant) value = NULL;
  g_autofree char     *text = NULL;

  append_works (&builder, &self->left_over);
  append_works (&builder, &self->works);
  value = g_variant_ref_sink (g_variant_builder_end (&builder));
  text = g_variant_print (value, FALSE);
  fugue_session_set_setting (self->session, SETTING, text);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_WAITING]);
}

static void
load_left_over (FugueFolderBatch *self)
{
  const char          *text = fugue_session_get_setting (self->session, SETTING);
  g_autoptr (GVariant) value = text != NULL ? g_variant_parse (G_VARIANT_TYPE (SETTING_TYPE), text, NULL, NULL, NULL) : NULL;

  for (gsize i = 0; value != NULL && i < g_variant_n_children (value); i++)
    {
      Work               *work = g_new0 (Work, 1);
      g_autofree char   **files = NULL;

      g_variant_get_child (value, i, "(s^ass)", &work->folder, &files, &work->values);
      work->files = g_ptr_array_new_with_free_func (g_free);
      for (guint k = 0; files[k] != NULL; k++)
        g_ptr_array_add (work->files, files[k]);
      work->may_have_job = TRUE;
      g_queue_push_tail (&self->left_over, work);
    }
}

/* One file after the other. */

static void next (FugueFolderBatch *self);

static char *
dup_name (const char *uri)
{
  g_autoptr (GFile) file = g_file_new_for_uri (uri);
  g_autofree char  *name = g_file_get_basename (file);

  return g_filename_display_name (name);
}

static GPtrArray *
build_recipes (FugueFolderBatch *self, Work *work, FugueSource *source, guint *preview_every, GError **error)
{
  g_autoptr (FugueControls) controls = fugue_controls_new ();

  fugue_controls_set_model (controls, fugue_controls_get_model (self->controls));
  fugue_controls_load_json (controls, work->values);
  g_object_get (controls, "preview-every", preview_every, NULL);
  return fugue_controls_build_recipes (controls, NULL, &(FugueRecipeRequest){ .mode = FUGUE_MODE_VARY, .source = source }, error);
}

static gboolean
has_job (FugueFolderBatch *self, GPtrArray *recipes)
{
  GListModel *pictures = fugue_session_get_pictures (self->session);
  const char *hash = unclip_recipe_get_hash (g_ptr_array_index (recipes, 0));

  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FuguePicture) picture = g_list_model_get_item (pictures, i);
      UnclipRecipe            *recipe = fugue_picture_get_recipe (picture);

      if (recipe != NULL && g_str_equal (unclip_recipe_get_hash (recipe), hash))
        return TRUE;
    }
  return FALSE;
}

static gboolean
queue_job (FugueFolderBatch *self, Work *work, FugueSource *source, GError **error)
{
  const char           *name = fugue_source_get_name (source);
  g_autofree char      *title = g_strdup_printf (_("Vary %s"), name);
  FugueJobParams        params = { .mode = FUGUE_MODE_VARY, .title = title, .label = name };
  g_autoptr (GPtrArray) recipes = build_recipes (self, work, source, &params.preview_every, error);

  if (recipes == NULL)
    return FALSE;
  params.recipes = recipes;
  work->may_have_job = work->may_have_job && has_job (self, recipes);
  if (!work->may_have_job)
    fugue_queue_add (self->queue, &params, FALSE);
  return TRUE;
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FugueFolderBatch) self = user_data;
  g_autoptr (GError)           error = NULL;
  g_autoptr (FugueSource)      source = fugue_session_add_finish (FUGUE_SESSION (object), result, &error);
  Work                        *work = g_queue_peek_head (&self->works);

  g_clear_object (&self->cancellable);
  if (self->session == NULL)
    return;
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      if (source != NULL && queue_job (self, work, source, &error))
        work->n_queued++;
      else if (work->n_failed++ == 0)
        work->message = g_strdup (error->message);
      work->next++;
      changed (self);
    }
  next (self);
}

static void
finish (FugueFolderBatch *self)
{
  Work            *work = g_queue_pop_head (&self->works);
  g_autofree char *name = dup_name (work->folder);

  changed (self);
  g_signal_emit (self, done_signal, 0, name, work->n_queued, work->n_failed, work->message);
  work_free (work);
}

static void
next (FugueFolderBatch *self)
{
  Work             *work;
  g_autoptr (GFile) file = NULL;
  g_autofree char  *path = NULL;

  /* What is read while nothing can be written would only pile up in memory. */
  if (self->cancellable != NULL || fugue_controls_get_model (self->controls) == NULL || fugue_session_get_trouble (self->session) != NULL)
    return;
  while ((work = g_queue_peek_head (&self->works)) != NULL && work->next == work->files->len)
    finish (self);
  if (work == NULL)
    return;
  file = g_file_new_for_uri (g_ptr_array_index (work->files, work->next));
  path = g_file_get_path (file);
  self->cancellable = g_cancellable_new ();
  fugue_session_add_file_async (self->session, path != NULL ? path : "", FUGUE_SLOT_NONE, self->cancellable, read_cb, g_object_ref (self));
}

/* What can be asked for. */

void
fugue_folder_batch_start (FugueFolderBatch *self, const char *folder, const char *const *paths, guint n_each)
{
  g_autoptr (FugueControls) controls = fugue_controls_new ();
  g_autofree char          *present = NULL;
  g_autoptr (GFile)         place = g_file_new_for_path (folder);
  Work                     *work;

  g_return_if_fail (FUGUE_IS_FOLDER_BATCH (self));
  g_return_if_fail (n_each > 0);

  present = fugue_controls_dup_json (self->controls);
  fugue_controls_load_json (controls, present);
  fugue_controls_roll_seed (controls);
  g_object_set (controls, "n-pictures", n_each, NULL);

  work = g_new0 (Work, 1);
  work->folder = g_file_get_uri (place);
  work->files = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_path (paths[i]);

      g_ptr_array_add (work->files, g_file_get_uri (file));
    }
  work->values = fugue_controls_dup_json (controls);
  g_queue_push_tail (&self->works, work);
  changed (self);
  next (self);
}

void
fugue_folder_batch_cancel (FugueFolderBatch *self)
{
  g_return_if_fail (FUGUE_IS_FOLDER_BATCH (self));

  g_queue_clear_full (&self->works, (GDestroyNotify) work_free);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  changed (self);
}

guint
fugue_folder_batch_get_n_waiting (FugueFolderBatch *self)
{
  g_return_val_if_fail (FUGUE_IS_FOLDER_BATCH (self), 0);

  return count (&self->works);
}

guint
fugue_folder_batch_get_n_left_over (FugueFolderBatch *self)
{
  g_return_val_if_fail (FUGUE_IS_FOLDER_BATCH (self), 0);

  return count (&self->left_over);
}

void
fugue_folder_batch_resume_left_over (FugueFolderBatch *self)
{
  Work *work;

  g_return_if_fail (FUGUE_IS_FOLDER_BATCH (self));

  while ((work = g_queue_pop_head (&self->left_over)) != NULL)
    g_queue_push_tail (&self->works, work);
  changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_LEFT_OVER]);
  next (self);
}

void
fugue_folder_batch_discard_left_over (FugueFolderBatch *self)
{
  g_return_if_fail (FUGUE_IS_FOLDER_BATCH (self));

  g_queue_clear_full (&self->left_over, (GDestroyNotify) work_free);
  changed (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_LEFT_OVER]);
}

/* The class. */

static void
fugue_folder_batch_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  FugueFolderBatch *self = FUGUE_FOLDER_BATCH (object);

  if (prop == PROP_N_WAITING)
    g_value_set_uint (value, count (&self->works));
  else if (prop == PROP_N_LEFT_OVER)
    g_value_set_uint (value, count (&self->left_over));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
}

/* What is still to be read is left over at the next start: the session file has it. */
static void
fugue_folder_batch_dispose (GObject *object)
{
  FugueFolderBatch *self = FUGUE_FOLDER_BATCH (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_queue_clear_full (&self->works, (GDestroyNotify) work_free);
  g_queue_clear_full (&self->left_over, (GDestroyNotify) work_free);
  g_clear_object (&self->controls);
  g_clear_object (&self->queue);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (fugue_folder_batch_parent_class)->dispose (object);
}

static void
fugue_folder_batch_class_init (FugueFolderBatchClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = fugue_folder_batch_get_property;
  object_class->dispose = fugue_folder_batch_dispose;

  props[PROP_N_WAITING] = g_param_spec_uint ("n-waiting", NULL, NULL, 0, G_MAXUINT, 0, read);
  props[PROP_N_LEFT_OVER] = g_param_spec_uint ("n-left-over", NULL, NULL, 0, G_MAXUINT, 0, read);
  g_object_class_install_properties (object_class, N_PROPS, props);
  done_signal = g_signal_new ("done", FUGUE_TYPE_FOLDER_BATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4, G_TYPE_STRING,
                              G_TYPE_UINT, G_TYPE_UINT, G_TYPE_STRING);
}

static void
fugue_folder_batch_init (FugueFolderBatch *self)
{
  g_queue_init (&self->works);
  g_queue_init (&self->left_over);
}

FugueFolderBatch *
fugue_folder_batch_new (FugueSession *session, FugueQueue *queue, FugueControls *controls)
{
  FugueFolderBatch *self = g_object_new (FUGUE_TYPE_FOLDER_BATCH, NULL);

  g_return_val_if_fail (FUGUE_IS_SESSION (session), NULL);
  g_return_val_if_fail (FUGUE_IS_QUEUE (queue), NULL);
  g_return_val_if_fail (FUGUE_IS_CONTROLS (controls), NULL);

  self->session = g_object_ref (session);
  self->queue = g_object_ref (queue);
  self->controls = g_object_ref (controls);
  g_signal_connect_object (controls, "notify::model", G_CALLBACK (next), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::trouble", G_CALLBACK (next), self, G_CONNECT_SWAPPED);
  load_left_over (self);
  return self;
}
