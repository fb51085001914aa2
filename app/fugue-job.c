/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-job-private.h"

struct _FugueJob
{
  GObject       parent_instance;

  /* Constant. */
  gint64        id;
  FugueMode     mode;
  char         *title;
  char         *label;
  gint64        parent;
  guint         preview_every;
  gboolean      is_hidden;
  gboolean      is_draft;
  gboolean      on_processor;

  GListStore   *pictures;
  GPtrArray    *items;                  /* FugueJobItem, as the pictures */
  GHashTable   *images;
  int           n_loading;
  FugueJobState state;
  double        progress;
  double        seconds_left;
  guint         n_finished;
  guint         n_failed;
  char         *message;
};

G_DEFINE_FINAL_TYPE (FugueJob, fugue_job, G_TYPE_OBJECT)

enum
{
  PROP_ID = 1,
  PROP_MODE,
  PROP_TITLE,
  PROP_STATE,
  PROP_PROGRESS,
  PROP_SECONDS_LEFT,
  PROP_N_PICTURES,
  PROP_N_FINISHED,
  PROP_N_FAILED,
  PROP_MESSAGE,
  PROP_PICTURES,
  PROP_IS_DRAFT,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

static void
item_free (gpointer data)
{
  FugueJobItem *item = data;

  g_object_unref (item->picture);
  g_free (item->id);
  g_free (item);
}

FugueJob *
fugue_job_new (gint64 id, const FugueJobParams *params, gboolean is_draft)
{
  FugueJob *job = g_object_new (FUGUE_TYPE_JOB, NULL);

  job->id = id;
  job->mode = params->mode;
  job->title = g_strdup (params->title != NULL ? params->title : "");
  job->label = g_strdup (params->label != NULL ? params->label : "");
  job->parent = params->parent;
  job->preview_every = params->preview_every;
  job->is_hidden = params->is_hidden || is_draft;
  job->is_draft = is_draft;
  job->on_processor = params->on_processor;
  return job;
}

FugueJobItem *
fugue_job_add_picture (FugueJob *job, FuguePicture *picture)
{
  FugueJobItem *item = g_new0 (FugueJobItem, 1);

  item->job = job;
  item->picture = g_object_ref (picture);
  g_ptr_array_add (job->items, item);
  g_list_store_append (job->pictures, picture);
  g_object_notify_by_pspec (G_OBJECT (job), props[PROP_N_PICTURES]);
  return item;
}

void
fugue_job_drop_picture (FugueJob *job, FuguePicture *picture)
{
  for (guint i = 0; i < job->items->len; i++)
    if (fugue_job_get_item (job, i)->picture == picture)
      {
        g_ptr_array_remove_index (job->items, i);
        g_list_store_remove (job->pictures, i);
        g_object_notify_by_pspec (G_OBJECT (job), props[PROP_N_PICTURES]);
        return;
      }
}

gboolean
fugue_job_is_on_processor (FugueJob *job)
{
  return job->on_processor;
}

gboolean
fugue_job_is_hidden (FugueJob *job)
{
  return job->is_hidden;
}

gint64
fugue_job_get_parent (FugueJob *job)
{
  return job->parent;
}

const char *
fugue_job_get_label (FugueJob *job)
{
  return job->label;
}

guint
fugue_job_get_preview_every (FugueJob *job)
{
  return job->preview_every;
}

guint
fugue_job_get_n_items (FugueJob *job)
{
  return job->items->len;
}

FugueJobItem *
fugue_job_get_item (FugueJob *job, guint index)
{
  return g_ptr_array_index (job->items, index);
}

GHashTable *
fugue_job_get_images (FugueJob *job)
{
  return job->images;
}

gboolean
fugue_job_is_loading (FugueJob *job)
{
  return job->n_loading > 0;
}

void
fugue_job_add_loading (FugueJob *job, int n)
{
  job->n_loading += n;
}

void
fugue_job_set_state (FugueJob *job, FugueJobState state)
{
  if (job->state == state)
    return;
  job->state = state;
  g_object_notify_by_pspec (G_OBJECT (job), props[PROP_STATE]);
}

void
fugue_job_set_message (FugueJob *job, const char *message)
{
  if (g_strcmp0 (job->message, message) == 0)
    return;
  g_free (job->message);
  job->message = g_strdup (message);
  g_object_notify_by_pspec (G_OBJECT (job), props[PROP_MESSAGE]);
}

void
fugue_job_set_seconds_left (FugueJob *job, double seconds)
{
  if (job->seconds_left == seconds)
    return;
  job->seconds_left = seconds;
  g_object_notify_by_pspec (G_OBJECT (job), props[PROP_SECONDS_LEFT]);
}

static void
set_count (FugueJob *job, guint *count, guint value, guint prop)
{
  if (*count == value)
    return;
  *count = value;
  g_object_notify_by_pspec (G_OBJECT (job), props[prop]);
}

void
fugue_job_count (FugueJob *job)
{
  guint  n_finished = 0, n_failed = 0;
  double progress = 0;

  for (guint i = 0; i < job->items->len; i++)
    {
      FuguePicture *picture = fugue_job_get_item (job, i)->picture;

      n_finished += fugue_picture_get_state (picture) == FUGUE_PICTURE_FINISHED;
      n_failed += fugue_picture_get_state (picture) == FUGUE_PICTURE_FAILED;
      progress += fugue_picture_get_state (picture) == FUGUE_PICTURE_FAILED ? 1 : fugue_picture_get_progress (picture);
    }
  progress /= MAX (job->items->len, 1);
  g_object_freeze_notify (G_OBJECT (job));
  set_count (job, &job->n_finished, n_finished, PROP_N_FINISHED);
  set_count (job, &job->n_failed, n_failed, PROP_N_FAILED);
  if (progress != job->progress)
    {
      job->progress = progress;
      g_object_notify_by_pspec (G_OBJECT (job), props[PROP_PROGRESS]);
    }
  g_object_thaw_notify (G_OBJECT (job));
}

gboolean
fugue_job_is_done (FugueJob *job)
{
  for (guint i = 0; i < job->items->len; i++)
    {
      FugueJobItem     *item = fugue_job_get_item (job, i);
      FuguePictureState state = fugue_picture_get_state (item->picture);

      if (item->id != NULL || item->is_saving || state == FUGUE_PICTURE_WAITING || state == FUGUE_PICTURE_RUNNING)
        return FALSE;
    }
  return TRUE;
}

/* Getters. */

gint64
fugue_job_get_id (FugueJob *job)
{
  return job->id;
}

FugueMode
fugue_job_get_mode (FugueJob *job)
{
  return job->mode;
}

const char *
fugue_job_get_title (FugueJob *job)
{
  return job->title;
}

FugueJobState
fugue_job_get_state (FugueJob *job)
{
  return job->state;
}

double
fugue_job_get_progress (FugueJob *job)
{
  return job->progress;
}

double
fugue_job_get_seconds_left (FugueJob *job)
{
  return job->seconds_left;
}

guint
fugue_job_get_n_finished (FugueJob *job)
{
  return job->n_finished;
}

guint
fugue_job_get_n_failed (FugueJob *job)
{
  return job->n_failed;
}

const char *
fugue_job_get_message (FugueJob *job)
{
  return job->message != NULL ? job->message : "";
}

gboolean
fugue_job_is_draft (FugueJob *job)
{
  return job->is_draft;
}

GListModel *
fugue_job_get_pictures (FugueJob *job)
{
  g_return_val_if_fail (FUGUE_IS_JOB (job), NULL);

  return G_LIST_MODEL (job->pictures);
}

/* The class. */

static void
fugue_job_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  FugueJob *job = FUGUE_JOB (object);

  switch (prop)
    {
    case PROP_ID:
      g_value_set_int64 (value, job->id);
      break;
    case PROP_MODE:
      g_value_set_enum (value, job->mode);
      break;
    case PROP_TITLE:
      g_value_set_string (value, job->title);
      break;
    case PROP_STATE:
      g_value_set_enum (value, job->state);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, job->progress);
      break;
    case PROP_SECONDS_LEFT:
      g_value_set_double (value, job->seconds_left);
      break;
    case PROP_N_PICTURES:
      g_value_set_uint (value, job->items->len);
      break;
    case PROP_N_FINISHED:
      g_value_set_uint (value, job->n_finished);
      break;
    case PROP_N_FAILED:
      g_value_set_uint (value, job->n_failed);
      break;
    case PROP_MESSAGE:
      g_value_set_string (value, fugue_job_get_message (job));
      break;
    case PROP_PICTURES:
      g_value_set_object (value, job->pictures);
      break;
    case PROP_IS_DRAFT:
      g_value_set_boolean (value, job->is_draft);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
fugue_job_finalize (GObject *object)
{
  FugueJob *job = FUGUE_JOB (object);

  g_free (job->title);
  g_free (job->label);
  g_free (job->message);
  g_ptr_array_unref (job->items);
  g_object_unref (job->pictures);
  g_hash_table_unref (job->images);
  G_OBJECT_CLASS (fugue_job_parent_class)->finalize (object);
}

static void
fugue_job_class_init (FugueJobClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = fugue_job_get_property;
  object_class->finalize = fugue_job_finalize;

  props[PROP_ID] = g_param_spec_int64 ("id", NULL, NULL, G_MININT64, G_MAXINT64, 0, read);
  props[PROP_MODE] = g_param_spec_enum ("mode", NULL, NULL, FUGUE_TYPE_MODE, FUGUE_MODE_VARY, read);
  props[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, "", read);
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, FUGUE_TYPE_JOB_STATE, FUGUE_JOB_WAITING, read);
  props[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, read);
  props[PROP_SECONDS_LEFT] = g_param_spec_double ("seconds-left", NULL, NULL, -1, G_MAXDOUBLE, -1, read);
  props[PROP_N_PICTURES] = g_param_spec_uint ("n-pictures", NULL, NULL, 0, G_MAXUINT, 0, read);
  props[PROP_N_FINISHED] = g_param_spec_uint ("n-finished", NULL, NULL, 0, G_MAXUINT, 0, read);
  props[PROP_N_FAILED] = g_param_spec_uint ("n-failed", NULL, NULL, 0, G_MAXUINT, 0, read);
  props[PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, "", read);
  props[PROP_PICTURES] = g_param_spec_object ("pictures", NULL, NULL, G_TYPE_LIST_MODEL, read);
  props[PROP_IS_DRAFT] = g_param_spec_boolean ("is-draft", NULL, NULL, FALSE, read);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
fugue_job_init (FugueJob *job)
{
  job->seconds_left = -1;
  job->pictures = g_list_store_new (FUGUE_TYPE_PICTURE);
  job->items = g_ptr_array_new_with_free_func (item_free);
  job->images = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) unclip_image_unref);
}
