/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-picture-private.h"

#include <math.h>
#include <string.h>

struct _FuguePicture
{
  GObject            parent_instance;

  /* Constant. */
  gint64             id;
  gint64             parent;
  guint              number;
  char              *verb;
  char              *label;

  /* Stored. */
  gint64             job;
  gint64             place;
  FuguePictureState  state;
  char              *recipe_json;       /* until the recipe is asked for */
  UnclipRecipe      *recipe;
  FugueMark          mark;
  guint              rating;
  gboolean           seen;
  gint64             created;
  char              *error_code;
  char              *error_message;
  double             psnr_db;
  double             max_difference;
  double             clip_degrees;
  double             path_degrees;      /* not stored */
  double             seconds;
  char              *device;
  char              *precision;
  char              *version;

  /* Of this moment. */
  gboolean           is_saved;
  gboolean           is_replaced;
  guint              n_in_batch;
  double             progress;
  char              *stage;
  guint              step;
  guint              n_steps;
  UnclipImage       *preview;
  UnclipImage       *parts[2];
  gboolean           is_loading[2];
  FuguePictureLoader loader;
  GWeakRef           owner;
};

G_DEFINE_FINAL_TYPE (FuguePicture, fugue_picture, G_TYPE_OBJECT)

enum
{
  PROP_ID = 1,
  PROP_STATE,
  PROP_IS_SAVED,
  PROP_PROGRESS,
  PROP_STAGE,
  PROP_STEP,
  PROP_N_STEPS,
  PROP_PREVIEW,
  PROP_THUMBNAIL,
  PROP_IMAGE,
  PROP_RECIPE,
  PROP_SEED,
  PROP_NUMBER,
  PROP_VERB,
  PROP_LABEL,
  PROP_MARK,
  PROP_RATING,
  PROP_SEEN,
  PROP_PARENT,
  PROP_PLACE,
  PROP_IS_REPLACED,
  PROP_N_IN_BATCH,
  PROP_JOB,
  PROP_CREATED,
  PROP_ERROR_CODE,
  PROP_ERROR_MESSAGE,
  PROP_PSNR_DB,
  PROP_MAX_DIFFERENCE,
  PROP_CLIP_DEGREES,
  PROP_PATH_DEGREES,
  PROP_SECONDS,
  PROP_DEVICE,
  PROP_PRECISION,
  PROP_VERSION,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];
static guint       edited_signal;

static void
notify (FuguePicture *picture, guint prop)
{
  g_object_notify_by_pspec (G_OBJECT (picture), props[prop]);
}

static void
emit_edited (FuguePicture *picture, guint prop, const GValue *before)
{
  g_signal_emit (picture, edited_signal, 0, props[prop]->name, before);
}

FuguePicture *
fugue_picture_new (const FuguePictureFacts *facts)
{
  FuguePicture *picture = g_object_new (FUGUE_TYPE_PICTURE, NULL);

  picture->id = facts->id;
  picture->job = facts->job;
  picture->parent = facts->parent;
  picture->place = facts->place != 0 ? facts->place : facts->id;
  picture->state = facts->state;
  picture->recipe_json = g_strdup (facts->recipe_json);
  if (facts->recipe != NULL)
    picture->recipe = unclip_recipe_ref (facts->recipe);
  picture->number = facts->number;
  picture->verb = g_strdup (facts->verb != NULL ? facts->verb : "");
  picture->label = g_strdup (facts->label != NULL ? facts->label : "");
  picture->mark = facts->mark;
  picture->rating = facts->rating;
  picture->seen = facts->seen;
  picture->created = facts->created;
  picture->error_code = g_strdup (facts->error_code);
  picture->error_message = g_strdup (facts->error_message);
  if (facts->state == FUGUE_PICTURE_FINISHED)
    {
      picture->psnr_db = facts->psnr_db;
      picture->max_difference = facts->max_difference;
      picture->clip_degrees = facts->clip_degrees;
    }
  picture->seconds = facts->seconds;
  picture->device = g_strdup (facts->device);
  picture->precision = g_strdup (facts->precision);
  picture->version = g_strdup (facts->version);
  picture->is_saved = facts->state == FUGUE_PICTURE_FINISHED;
  picture->progress = picture->is_saved ? 1 : 0;
  return picture;
}

void
fugue_picture_get_facts (FuguePicture *picture, FuguePictureFacts *facts)
{
  *facts = (FuguePictureFacts){
    .id = picture->id,
    .job = picture->job,
    .parent = picture->parent,
    .place = picture->place,
    .state = picture->state,
    .recipe_json = picture->recipe != NULL ? unclip_recipe_get_canonical (picture->recipe) : picture->recipe_json,
    .recipe = picture->recipe,
    .number = picture->number,
    .verb = picture->verb,
    .label = picture->label,
    .mark = picture->mark,
    .rating = picture->rating,
    .seen = picture->seen,
    .created = picture->created,
    .error_code = picture->error_code,
    .error_message = picture->error_message,
    .psnr_db = picture->psnr_db,
    .max_difference = picture->max_difference,
    .clip_degrees = picture->clip_degrees,
    .seconds = picture->seconds,
    .device = picture->device,
    .precision = picture->precision,
    .version = picture->version,
  };
}

/* Pixels. */

void
fugue_picture_set_loader (FuguePicture *picture, FuguePictureLoader loader, gpointer owner)
{
  picture->loader = loader;
  g_weak_ref_set (&picture->owner, owner);
}

gpointer
fugue_picture_dup_owner (FuguePicture *picture)
{
  return g_weak_ref_get (&picture->owner);
}

static void
request (FuguePicture *picture, FuguePicturePart part)
{
  g_autoptr (GObject) owner = fugue_picture_dup_owner (picture);

  if (owner == NULL || picture->state != FUGUE_PICTURE_FINISHED || picture->parts[part] != NULL || picture->is_loading[part])
    return;
  picture->is_loading[part] = TRUE;
  picture->loader (picture, part, owner);
}

void
fugue_picture_request_thumbnail (FuguePicture *picture)
{
  g_return_if_fail (FUGUE_IS_PICTURE (picture));

  request (picture, FUGUE_PICTURE_PART_THUMBNAIL);
}

void
fugue_picture_request_image (FuguePicture *picture)
{
  g_return_if_fail (FUGUE_IS_PICTURE (picture));

  request (picture, FUGUE_PICTURE_PART_IMAGE);
}

void
fugue_picture_take_part (FuguePicture *picture, FuguePicturePart part, UnclipImage *image)
{
  picture->is_loading[part] = FALSE;
  if (image == picture->parts[part])
    {
      g_clear_pointer (&image, unclip_image_unref);
      return;
    }
  g_clear_pointer (&picture->parts[part], unclip_image_unref);
  picture->parts[part] = image;
  notify (picture, part == FUGUE_PICTURE_PART_THUMBNAIL ? PROP_THUMBNAIL : PROP_IMAGE);
}

/* What the queue sets. */

void
fugue_picture_set_state (FuguePicture *picture, FuguePictureState state)
{
  g_autoptr (FuguePicture) kept = g_object_ref (picture);

  if (picture->state == state)
    return;
  g_object_freeze_notify (G_OBJECT (picture));
  picture->state = state;
  notify (picture, PROP_STATE);
  if (state == FUGUE_PICTURE_FINISHED)
    fugue_picture_set_progress (picture, "", 0, 0, 1);
  else if (state != FUGUE_PICTURE_RUNNING)
    fugue_picture_set_progress (picture, "", 0, 0, 0);
  if (state == FUGUE_PICTURE_WAITING)
    fugue_picture_set_preview (picture, NULL);
  g_object_thaw_notify (G_OBJECT (picture));
}

void
fugue_picture_set_saved (FuguePicture *picture, gboolean is_saved)
{
  if (picture->is_saved == is_saved)
    return;
  picture->is_saved = is_saved;
  notify (picture, PROP_IS_SAVED);
}

void
fugue_picture_set_progress (FuguePicture *picture, const char *stage, guint step, guint n_steps, double progress)
{
  g_object_freeze_notify (G_OBJECT (picture));
  if (g_strcmp0 (picture->stage, stage) != 0)
    {
      g_free (picture->stage);
      picture->stage = g_strdup (stage);
      notify (picture, PROP_STAGE);
    }
  if (picture->step != step || picture->n_steps != n_steps)
    {
      picture->step = step;
      picture->n_steps = n_steps;
      notify (picture, PROP_STEP);
      notify (picture, PROP_N_STEPS);
    }
  if (picture->progress != progress)
    {
      picture->progress = progress;
      notify (picture, PROP_PROGRESS);
    }
  g_object_thaw_notify (G_OBJECT (picture));
}

void
fugue_picture_set_preview (FuguePicture *picture, UnclipImage *image)
{
  if (picture->preview == image)
    return;
  g_clear_pointer (&picture->preview, unclip_image_unref);
  picture->preview = image != NULL ? unclip_image_ref (image) : NULL;
  notify (picture, PROP_PREVIEW);
}

void
fugue_picture_set_error (FuguePicture *picture, const char *code, const char *message)
{
  g_free (picture->error_code);
  picture->error_code = g_strdup (code);
  g_free (picture->error_message);
  picture->error_message = g_strdup (message);
  notify (picture, PROP_ERROR_CODE);
  notify (picture, PROP_ERROR_MESSAGE);
}

static char *
lookup_string (GVariant *figures, const char *key)
{
  char *value = NULL;

  g_variant_lookup (figures, key, "s", &value);
  return value;
}

void
fugue_picture_set_figures (FuguePicture *picture, GVariant *figures, gint64 created)
{
  static const guint changed[] = { PROP_PSNR_DB, PROP_MAX_DIFFERENCE, PROP_CLIP_DEGREES, PROP_PATH_DEGREES, PROP_SECONDS,
                                   PROP_DEVICE, PROP_PRECISION, PROP_VERSION };

  picture->created = created;
  notify (picture, PROP_CREATED);
  if (figures == NULL)
    return;
  g_variant_lookup (figures, "psnr_db", "d", &picture->psnr_db);
  g_variant_lookup (figures, "max_difference", "d", &picture->max_difference);
  g_variant_lookup (figures, "clip_degrees", "d", &picture->clip_degrees);
  g_variant_lookup (figures, "path_degrees", "d", &picture->path_degrees);
  g_variant_lookup (figures, "seconds", "d", &picture->seconds);
  g_free (picture->device);
  picture->device = lookup_string (figures, "device");
  g_free (picture->precision);
  picture->precision = lookup_string (figures, "precision");
  g_free (picture->version);
  picture->version = lookup_string (figures, "version");
  for (guint i = 0; i < G_N_ELEMENTS (changed); i++)
    notify (picture, changed[i]);
}

void
fugue_picture_set_replaced (FuguePicture *picture, gboolean is_replaced)
{
  if (picture->is_replaced == is_replaced)
    return;
  picture->is_replaced = is_replaced;
  notify (picture, PROP_IS_REPLACED);
}

void
fugue_picture_set_n_in_batch (FuguePicture *picture, guint n)
{
  if (picture->n_in_batch == n)
    return;
  picture->n_in_batch = n;
  notify (picture, PROP_N_IN_BATCH);
}

void
fugue_picture_set_job (FuguePicture *picture, gint64 job)
{
  if (picture->job == job)
    return;
  picture->job = job;
  notify (picture, PROP_JOB);
}

/* What a person sets. */

void
fugue_picture_set_mark (FuguePicture *picture, FugueMark mark)
{
  g_auto (GValue) before = G_VALUE_INIT;

  g_return_if_fail (FUGUE_IS_PICTURE (picture));

  if (picture->mark == mark)
    return;
  g_value_init (&before, FUGUE_TYPE_MARK);
  g_value_set_enum (&before, picture->mark);
  picture->mark = mark;
  notify (picture, PROP_MARK);
  emit_edited (picture, PROP_MARK, &before);
}

void
fugue_picture_set_rating (FuguePicture *picture, guint rating)
{
  g_auto (GValue) before = G_VALUE_INIT;

  g_return_if_fail (FUGUE_IS_PICTURE (picture));

  rating = MIN (rating, 5);
  if (picture->rating == rating)
    return;
  g_value_init (&before, G_TYPE_UINT);
  g_value_set_uint (&before, picture->rating);
  picture->rating = rating;
  notify (picture, PROP_RATING);
  emit_edited (picture, PROP_RATING, &before);
}

void
fugue_picture_set_place (FuguePicture *picture, gint64 place)
{
  g_auto (GValue) before = G_VALUE_INIT;

  g_return_if_fail (FUGUE_IS_PICTURE (picture));

  if (picture->place == place)
    return;
  g_value_init (&before, G_TYPE_INT64);
  g_value_set_int64 (&before, picture->place);
  picture->place = place;
  notify (picture, PROP_PLACE);
  emit_edited (picture, PROP_PLACE, &before);
}

void
fugue_picture_set_seen (FuguePicture *picture, gboolean seen)
{
  g_return_if_fail (FUGUE_IS_PICTURE (picture));

  seen = !!seen;
  if (picture->seen == seen)
    return;
  picture->seen = seen;
  notify (picture, PROP_SEEN);
}

/* Getters. */

gint64
fugue_picture_get_id (FuguePicture *picture)
{
  return picture->id;
}

FuguePictureState
fugue_picture_get_state (FuguePicture *picture)
{
  return picture->state;
}

gboolean
fugue_picture_is_saved (FuguePicture *picture)
{
  return picture->is_saved;
}

double
fugue_picture_get_progress (FuguePicture *picture)
{
  return picture->progress;
}

const char *
fugue_picture_get_stage (FuguePicture *picture)
{
  return picture->stage != NULL ? picture->stage : "";
}

guint
fugue_picture_get_step (FuguePicture *picture)
{
  return picture->step;
}

guint
fugue_picture_get_n_steps (FuguePicture *picture)
{
  return picture->n_steps;
}

UnclipImage *
fugue_picture_get_preview (FuguePicture *picture)
{
  return picture->preview;
}

UnclipImage *
fugue_picture_get_thumbnail (FuguePicture *picture)
{
  return picture->parts[FUGUE_PICTURE_PART_THUMBNAIL];
}

UnclipImage *
fugue_picture_get_image (FuguePicture *picture)
{
  return picture->parts[FUGUE_PICTURE_PART_IMAGE];
}

UnclipRecipe *
fugue_picture_get_recipe (FuguePicture *picture)
{
  if (picture->recipe == NULL && picture->recipe_json != NULL)
    {
      picture->recipe = unclip_recipe_parse (picture->recipe_json, strlen (picture->recipe_json), NULL);
      /* Kept where it cannot be read: it is still what the picture was made with. */
      if (picture->recipe != NULL)
        g_clear_pointer (&picture->recipe_json, g_free);
    }
  return picture->recipe;
}

guint64
fugue_picture_get_seed (FuguePicture *picture)
{
  UnclipRecipe *recipe = fugue_picture_get_recipe (picture);

  return recipe != NULL ? unclip_recipe_get_step_noise (recipe).seed : 0;
}

guint
fugue_picture_get_number (FuguePicture *picture)
{
  return picture->number;
}

const char *
fugue_picture_get_verb (FuguePicture *picture)
{
  return picture->verb;
}

const char *
fugue_picture_get_label (FuguePicture *picture)
{
  return picture->label;
}

FugueMark
fugue_picture_get_mark (FuguePicture *picture)
{
  return picture->mark;
}

guint
fugue_picture_get_rating (FuguePicture *picture)
{
  return picture->rating;
}

gboolean
fugue_picture_get_seen (FuguePicture *picture)
{
  return picture->seen;
}

gint64
fugue_picture_get_parent (FuguePicture *picture)
{
  return picture->parent;
}

gint64
fugue_picture_get_place (FuguePicture *picture)
{
  return picture->place;
}

gboolean
fugue_picture_is_replaced (FuguePicture *picture)
{
  return picture->is_replaced;
}

guint
fugue_picture_get_n_in_batch (FuguePicture *picture)
{
  return picture->n_in_batch;
}

gint64
fugue_picture_get_job (FuguePicture *picture)
{
  return picture->job;
}

gint64
fugue_picture_get_created (FuguePicture *picture)
{
  return picture->created;
}

const char *
fugue_picture_get_error_code (FuguePicture *picture)
{
  return picture->error_code != NULL ? picture->error_code : "";
}

const char *
fugue_picture_get_error_message (FuguePicture *picture)
{
  return picture->error_message != NULL ? picture->error_message : "";
}

double
fugue_picture_get_psnr_db (FuguePicture *picture)
{
  return picture->psnr_db;
}

double
fugue_picture_get_max_difference (FuguePicture *picture)
{
  return picture->max_difference;
}

double
fugue_picture_get_clip_degrees (FuguePicture *picture)
{
  return picture->clip_degrees;
}

double
fugue_picture_get_path_degrees (FuguePicture *picture)
{
  return picture->path_degrees;
}

/* Searching and sorting. */

static void
append_captions (GString *text, const UnclipEmbedding *embedding)
{
  const char *const captions[] = { embedding->text, embedding->from, embedding->to };

  for (guint i = 0; i < G_N_ELEMENTS (captions); i++)
    if (captions[i] != NULL)
      g_string_append_printf (text, "\n%s", captions[i]);
  if (embedding->base != NULL)
    append_captions (text, embedding->base);
  for (guint i = 0; i < embedding->n_parts; i++)
    append_captions (text, embedding->parts[i].embedding);
}

/* All that the search looks at, in one case. */
static char *
dup_search_text (FuguePicture *picture)
{
  UnclipRecipe    *recipe = fugue_picture_get_recipe (picture);
  GString         *text = g_string_new (picture->label);
  g_autofree char *plain = NULL;

  g_string_append_printf (text, "\n%s", picture->verb);
  if (recipe != NULL)
    {
      g_string_append_printf (text, "\n%" G_GUINT64_FORMAT "\n%s\n%s", unclip_recipe_get_step_noise (recipe).seed,
                              unclip_recipe_get_caption (recipe), unclip_recipe_get_model_name (recipe));
      append_captions (text, unclip_recipe_get_embedding (recipe));
    }
  if (picture->created != 0)
    {
      g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (picture->created / G_USEC_PER_SEC);
      g_autofree char      *written = g_date_time_format (date, "%Y-%m-%d %x");

      g_string_append_printf (text, "\n%s", written);
    }
  plain = g_string_free (text, FALSE);
  return g_utf8_casefold (plain, -1);
}

static gboolean
matches_mark (FuguePicture *picture, FugueFilter filter)
{
  switch (filter)
    {
    case FUGUE_FILTER_KEPT:
      return picture->mark == FUGUE_MARK_KEEP;
    case FUGUE_FILTER_UNMARKED:
      return picture->mark == FUGUE_MARK_NONE;
    case FUGUE_FILTER_REJECTED:
      return picture->mark == FUGUE_MARK_REJECT;
    case FUGUE_FILTER_ALL:
    default:
      return !picture->is_replaced || picture->mark != FUGUE_MARK_REJECT;
    }
}

gboolean
fugue_picture_matches (FuguePicture *picture, FugueFilter filter, const char *words)
{
  g_autofree char *text = NULL;
  g_autofree char *folded = NULL;
  g_auto (GStrv)   each = NULL;

  g_return_val_if_fail (FUGUE_IS_PICTURE (picture), FALSE);

  if (!matches_mark (picture, filter))
    return FALSE;
  if (words == NULL || *words == '\0')
    return TRUE;
  text = dup_search_text (picture);
  folded = g_utf8_casefold (words, -1);
  each = g_strsplit_set (folded, " \t\n", -1);
  for (guint i = 0; each[i] != NULL; i++)
    if (strstr (text, each[i]) == NULL)
      return FALSE;
  return TRUE;
}

static int
compare (guint64 a, guint64 b)
{
  return (a > b) - (a < b);
}

int
fugue_picture_compare (FuguePicture *a, FuguePicture *b, FugueSort sort)
{
  int order = 0;

  if (sort == FUGUE_SORT_SEED)
    order = compare (fugue_picture_get_seed (a), fugue_picture_get_seed (b));
  else if (sort == FUGUE_SORT_RATING)
    order = compare (b->rating, a->rating);
  if (order == 0)
    order = compare (a->place, b->place);
  return order != 0 ? order : compare (a->id, b->id);
}

/* The class. */

static void
fugue_picture_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  FuguePicture *picture = FUGUE_PICTURE (object);

  switch (prop)
    {
    case PROP_ID:
      g_value_set_int64 (value, picture->id);
      break;
    case PROP_STATE:
      g_value_set_enum (value, picture->state);
      break;
    case PROP_IS_SAVED:
      g_value_set_boolean (value, picture->is_saved);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, picture->progress);
      break;
    case PROP_STAGE:
      g_value_set_string (value, fugue_picture_get_stage (picture));
      break;
    case PROP_STEP:
      g_value_set_uint (value, picture->step);
      break;
    case PROP_N_STEPS:
      g_value_set_uint (value, picture->n_steps);
      break;
    case PROP_PREVIEW:
      g_value_set_boxed (value, picture->preview);
      break;
    case PROP_THUMBNAIL:
      g_value_set_boxed (value, picture->parts[FUGUE_PICTURE_PART_THUMBNAIL]);
      break;
    case PROP_IMAGE:
      g_value_set_boxed (value, picture->parts[FUGUE_PICTURE_PART_IMAGE]);
      break;
    case PROP_RECIPE:
      g_value_set_boxed (value, fugue_picture_get_recipe (picture));
      break;
    case PROP_SEED:
      g_value_set_uint64 (value, fugue_picture_get_seed (picture));
      break;
    case PROP_NUMBER:
      g_value_set_uint (value, picture->number);
      break;
    case PROP_VERB:
      g_value_set_string (value, picture->verb);
      break;
    case PROP_LABEL:
      g_value_set_string (value, picture->label);
      break;
    case PROP_MARK:
      g_value_set_enum (value, picture->mark);
      break;
    case PROP_RATING:
      g_value_set_uint (value, picture->rating);
      break;
    case PROP_SEEN:
      g_value_set_boolean (value, picture->seen);
      break;
    case PROP_PARENT:
      g_value_set_int64 (value, picture->parent);
      break;
    case PROP_PLACE:
      g_value_set_int64 (value, picture->place);
      break;
    case PROP_IS_REPLACED:
      g_value_set_boolean (value, picture->is_replaced);
      break;
    case PROP_N_IN_BATCH:
      g_value_set_uint (value, picture->n_in_batch);
      break;
    case PROP_JOB:
      g_value_set_int64 (value, picture->job);
      break;
    case PROP_CREATED:
      g_value_set_int64 (value, picture->created);
      break;
    case PROP_ERROR_CODE:
      g_value_set_string (value, fugue_picture_get_error_code (picture));
      break;
    case PROP_ERROR_MESSAGE:
      g_value_set_string (value, fugue_picture_get_error_message (picture));
      break;
    case PROP_PSNR_DB:
      g_value_set_double (value, picture->psnr_db);
      break;
    case PROP_MAX_DIFFERENCE:
      g_value_set_double (value, picture->max_difference);
      break;
    case PROP_CLIP_DEGREES:
      g_value_set_double (value, picture->clip_degrees);
      break;
    case PROP_PATH_DEGREES:
      g_value_set_double (value, picture->path_degrees);
      break;
    case PROP_SECONDS:
      g_value_set_double (value, picture->seconds);
      break;
    case PROP_DEVICE:
      g_value_set_string (value, picture->device);
      break;
    case PROP_PRECISION:
      g_value_set_string (value, picture->precision);
      break;
    case PROP_VERSION:
      g_value_set_string (value, picture->version);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
fugue_picture_set_property (GObject *object, guint prop, const GValue *value, GParamSpec *pspec)
{
  FuguePicture *picture = FUGUE_PICTURE (object);

  switch (prop)
    {
    case PROP_MARK:
      fugue_picture_set_mark (picture, g_value_get_enum (value));
      break;
    case PROP_RATING:
      fugue_picture_set_rating (picture, g_value_get_uint (value));
      break;
    case PROP_SEEN:
      fugue_picture_set_seen (picture, g_value_get_boolean (value));
      break;
    case PROP_PLACE:
      fugue_picture_set_place (picture, g_value_get_int64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
fugue_picture_finalize (GObject *object)
{
  FuguePicture *picture = FUGUE_PICTURE (object);

  g_free (picture->verb);
  g_free (picture->label);
  g_free (picture->recipe_json);
  g_clear_pointer (&picture->recipe, unclip_recipe_unref);
  g_free (picture->error_code);
  g_free (picture->error_message);
  g_free (picture->device);
  g_free (picture->precision);
  g_free (picture->version);
  g_free (picture->stage);
  g_clear_pointer (&picture->preview, unclip_image_unref);
  g_clear_pointer (&picture->parts[0], unclip_image_unref);
  g_clear_pointer (&picture->parts[1], unclip_image_unref);
  g_weak_ref_clear (&picture->owner);
  G_OBJECT_CLASS (fugue_picture_parent_class)->finalize (object);
}

static void
fugue_picture_class_init (FuguePictureClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags write = read | G_PARAM_WRITABLE;

  object_class->get_property = fugue_picture_get_property;
  object_class->set_property = fugue_picture_set_property;
  object_class->finalize = fugue_picture_finalize;

  props[PROP_ID] = g_param_spec_int64 ("id", NULL, NULL, 0, G_MAXINT64, 0, read);
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, FUGUE_TYPE_PICTURE_STATE, FUGUE_PICTURE_WAITING, read);
  props[PROP_IS_SAVED] = g_param_spec_boolean ("is-saved", NULL, NULL, FALSE, read);
  props[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, read);
  props[PROP_STAGE] = g_param_spec_string ("stage", NULL, NULL, "", read);
  props[PROP_STEP] = g_param_spec_uint ("step", NULL, NULL, 0, G_MAXUINT, 0, read);
  props[PROP_N_STEPS] = g_param_spec_uint ("n-steps", NULL, NULL, 0, G_MAXUINT, 0, read);
  props[PROP_PREVIEW] = g_param_spec_boxed ("preview", NULL, NULL, UNCLIP_TYPE_IMAGE, read);
  props[PROP_THUMBNAIL] = g_param_spec_boxed ("thumbnail", NULL, NULL, UNCLIP_TYPE_IMAGE, read);
  props[PROP_IMAGE] = g_param_spec_boxed ("image", NULL, NULL, UNCLIP_TYPE_IMAGE, read);
  props[PROP_RECIPE] = g_param_spec_boxed ("recipe", NULL, NULL, UNCLIP_TYPE_RECIPE, read);
  props[PROP_SEED] = g_param_spec_uint64 ("seed", NULL, NULL, 0, G_MAXUINT64, 0, read);
  props[PROP_NUMBER] = g_param_spec_uint ("number", NULL, NULL, 0, G_MAXUINT, 0, read);
  props[PROP_VERB] = g_param_spec_string ("verb", NULL, NULL, "", read);
  props[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, "", read);
  props[PROP_MARK] = g_param_spec_enum ("mark", NULL, NULL, FUGUE_TYPE_MARK, FUGUE_MARK_NONE, write);
  props[PROP_RATING] = g_param_spec_uint ("rating", NULL, NULL, 0, 5, 0, write);
  props[PROP_SEEN] = g_param_spec_boolean ("seen", NULL, NULL, FALSE, write);
  props[PROP_PARENT] = g_param_spec_int64 ("parent", NULL, NULL, 0, G_MAXINT64, 0, read);
  props[PROP_PLACE] = g_param_spec_int64 ("place", NULL, NULL, 0, G_MAXINT64, 0, write);
  props[PROP_N_IN_BATCH] = g_param_spec_uint ("n-in-batch", NULL, NULL, 0, G_MAXUINT, 0, read);
  props[PROP_IS_REPLACED] = g_param_spec_boolean ("is-replaced", NULL, NULL, FALSE, read);
  props[PROP_JOB] = g_param_spec_int64 ("job", NULL, NULL, 0, G_MAXINT64, 0, read);
  props[PROP_CREATED] = g_param_spec_int64 ("created", NULL, NULL, 0, G_MAXINT64, 0, read);
  props[PROP_ERROR_CODE] = g_param_spec_string ("error-code", NULL, NULL, "", read);
  props[PROP_ERROR_MESSAGE] = g_param_spec_string ("error-message", NULL, NULL, "", read);
  props[PROP_PSNR_DB] = g_param_spec_double ("psnr-db", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, read);
  props[PROP_MAX_DIFFERENCE] = g_param_spec_double ("max-difference", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, read);
  props[PROP_CLIP_DEGREES] = g_param_spec_double ("clip-degrees", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0, read);
  props[PROP_PATH_DEGREES] = g_param_spec_double ("path-degrees", NULL, NULL, 0, 180, 0, read);
  props[PROP_SECONDS] = g_param_spec_double ("seconds", NULL, NULL, 0, G_MAXDOUBLE, 0, read);
  props[PROP_DEVICE] = g_param_spec_string ("device", NULL, NULL, NULL, read);
  props[PROP_PRECISION] = g_param_spec_string ("precision", NULL, NULL, NULL, read);
  props[PROP_VERSION] = g_param_spec_string ("version", NULL, NULL, NULL, read);
  g_object_class_install_properties (object_class, N_PROPS, props);

  edited_signal = g_signal_new ("edited", FUGUE_TYPE_PICTURE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                G_TYPE_VALUE);
}

static void
fugue_picture_init (FuguePicture *picture)
{
  picture->psnr_db = picture->max_difference = picture->clip_degrees = picture->path_degrees = NAN;
  g_weak_ref_init (&picture->owner, NULL);
}
