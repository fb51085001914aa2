/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-source-private.h"

#include <stdio.h>

struct _FugueSource
{
  GObject           parent_instance;

  /* Constant. */
  gint64            id;
  char             *sha256;
  guint             width;
  guint             height;
  gint64            picture;

  /* A person's. */
  FugueSlot         slot;
  char             *name;
  UnclipRect        crop;               /* width 0: none */
  gboolean          is_locked;
  gboolean          is_muted;

  UnclipImage      *thumbnail;
  UnclipImage      *image;
  gboolean          is_loading;
  FugueSourceLoader loader;
  GWeakRef          owner;
};

G_DEFINE_FINAL_TYPE (FugueSource, fugue_source, G_TYPE_OBJECT)

enum
{
  PROP_ID = 1,
  PROP_SLOT,
  PROP_NAME,
  PROP_SHA256,
  PROP_WIDTH,
  PROP_HEIGHT,
  PROP_PICTURE,
  PROP_THUMBNAIL,
  PROP_IMAGE,
  PROP_CROP,
  PROP_IS_LOCKED,
  PROP_IS_MUTED,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];
static guint       edited_signal;

/* @before: (transfer full): freed */
static void
tell_edited (FugueSource *source, guint prop, GValue *before)
{
  g_object_notify_by_pspec (G_OBJECT (source), props[prop]);
  g_signal_emit (source, edited_signal, 0, props[prop]->name, before);
  g_value_unset (before);
}

FugueSource *
fugue_source_new (const FugueSourceFacts *facts)
{
  FugueSource *source = g_object_new (FUGUE_TYPE_SOURCE, NULL);

  source->id = facts->id;
  source->slot = facts->slot;
  source->name = g_strdup (facts->name);
  source->sha256 = g_strdup (facts->sha256);
  source->width = facts->width;
  source->height = facts->height;
  source->picture = facts->picture;
  source->is_locked = facts->is_locked;
  source->is_muted = facts->is_muted;
  if (facts->crop != NULL)
    fugue_source_set_crop_text (source, facts->crop);
  return source;
}

void
fugue_source_get_facts (FugueSource *source, FugueSourceFacts *facts, char **crop)
{
  *crop = fugue_source_dup_crop_text (source);
  *facts = (FugueSourceFacts){
    .id = source->id,
    .slot = source->slot,
    .name = source->name,
    .sha256 = source->sha256,
    .width = source->width,
    .height = source->height,
    .picture = source->picture,
    .crop = *crop,
    .is_locked = source->is_locked,
    .is_muted = source->is_muted,
  };
}

/* Pixels. */

void
fugue_source_set_loader (FugueSource *source, FugueSourceLoader loader, gpointer owner)
{
  source->loader = loader;
  g_weak_ref_set (&source->owner, owner);
}

gpointer
fugue_source_dup_owner (FugueSource *source)
{
  return g_weak_ref_get (&source->owner);
}

void
fugue_source_request_image (FugueSource *source)
{
  g_autoptr (GObject) owner = NULL;

  g_return_if_fail (FUGUE_IS_SOURCE (source));

  owner = fugue_source_dup_owner (source);
  if (owner == NULL || source->image != NULL || source->is_loading)
    return;
  source->is_loading = TRUE;
  source->loader (source, owner);
}

void
fugue_source_take_image (FugueSource *source, UnclipImage *image)
{
  source->is_loading = FALSE;
  g_clear_pointer (&source->image, unclip_image_unref);
  source->image = image;
  g_object_notify_by_pspec (G_OBJECT (source), props[PROP_IMAGE]);
}

void
fugue_source_take_thumbnail (FugueSource *source, UnclipImage *image)
{
  g_clear_pointer (&source->thumbnail, unclip_image_unref);
  source->thumbnail = image;
  g_object_notify_by_pspec (G_OBJECT (source), props[PROP_THUMBNAIL]);
}

/* What a person sets. */

void
fugue_source_set_slot (FugueSource *source, FugueSlot slot)
{
  GValue before = G_VALUE_INIT;

  if (source->slot == slot)
    return;
  g_value_init (&before, FUGUE_TYPE_SLOT);
  g_value_set_enum (&before, source->slot);
  source->slot = slot;
  tell_edited (source, PROP_SLOT, &before);
}

void
fugue_source_set_name (FugueSource *source, const char *name)
{
  GValue before = G_VALUE_INIT;

  g_return_if_fail (FUGUE_IS_SOURCE (source));
  g_return_if_fail (name != NULL);

  if (g_str_equal (source->name, name))
    return;
  g_value_init (&before, G_TYPE_STRING);
  g_value_take_string (&before, source->name);
  source->name = g_strdup (name);
  tell_edited (source, PROP_NAME, &before);
}

void
fugue_source_get_crop (FugueSource *source, UnclipRect *crop)
{
  guint side = MIN (source->width, source->height);

  g_return_if_fail (FUGUE_IS_SOURCE (source));

  if (source->crop.width > 0)
    *crop = source->crop;
  else
    *crop = (UnclipRect){ (source->width - side) / 2, (source->height - side) / 2, side, side };
}

gboolean
fugue_source_has_crop (FugueSource *source)
{
  g_return_val_if_fail (FUGUE_IS_SOURCE (source), FALSE);

  return source->crop.width > 0;
}

void
fugue_source_set_crop (FugueSource *source, const UnclipRect *crop)
{
  GValue     before = G_VALUE_INIT;
  UnclipRect inside = { 0 };

  g_return_if_fail (FUGUE_IS_SOURCE (source));

  if (crop != NULL)
    {
      inside.width = CLAMP (crop->width, 1, source->width);
      inside.height = CLAMP (crop->height, 1, source->height);
      inside.x = MIN (crop->x, source->width - inside.width);
      inside.y = MIN (crop->y, source->height - inside.height);
    }
  if (inside.x == source->crop.x && inside.y == source->crop.y && inside.width == source->crop.width
      && inside.height == source->crop.height)
    return;
  g_value_init (&before, G_TYPE_STRING);
  g_value_take_string (&before, fugue_source_dup_crop_text (source));
  source->crop = inside;
  tell_edited (source, PROP_CROP, &before);
}

char *
fugue_source_dup_crop_text (FugueSource *source)
{
  const UnclipRect *crop = &source->crop;

  return crop->width > 0 ? g_strdup_printf ("%u,%u,%u,%u", crop->x, crop->y, crop->width, crop->height) : g_strdup ("");
}

void
fugue_source_set_crop_text (FugueSource *source, const char *text)
{
  UnclipRect crop;

  if (text != NULL && sscanf (text, "%u,%u,%u,%u", &crop.x, &crop.y, &crop.width, &crop.height) == 4)
    fugue_source_set_crop (source, &crop);
  else
    fugue_source_set_crop (source, NULL);
}

static void
set_flag (FugueSource *source, gboolean *flag, gboolean value, guint prop)
{
  GValue before = G_VALUE_INIT;

  if (*flag == !!value)
    return;
  g_value_init (&before, G_TYPE_BOOLEAN);
  g_value_set_boolean (&before, *flag);
  *flag = !!value;
  tell_edited (source, prop, &before);
}

void
fugue_source_set_locked (FugueSource *source, gboolean is_locked)
{
  g_return_if_fail (FUGUE_IS_SOURCE (source));

  set_flag (source, &source->is_locked, is_locked, PROP_IS_LOCKED);
}

void
fugue_source_set_muted (FugueSource *source, gboolean is_muted)
{
  g_return_if_fail (FUGUE_IS_SOURCE (source));

  set_flag (source, &source->is_muted, is_muted, PROP_IS_MUTED);
}

/* Getters. */

gint64
fugue_source_get_id (FugueSource *source)
{
  return source->id;
}

FugueSlot
fugue_source_get_slot (FugueSource *source)
{
  return source->slot;
}

const char *
fugue_source_get_name (FugueSource *source)
{
  return source->name;
}

const char *
fugue_source_get_sha256 (FugueSource *source)
{
  return source->sha256;
}

guint
fugue_source_get_width (FugueSource *source)
{
  return source->width;
}

guint
fugue_source_get_height (FugueSource *source)
{
  return source->height;
}

gint64
fugue_source_get_picture (FugueSource *source)
{
  return source->picture;
}

UnclipImage *
fugue_source_get_thumbnail (FugueSource *source)
{
  return source->thumbnail;
}

UnclipImage *
fugue_source_get_image (FugueSource *source)
{
  return source->image;
}

gboolean
fugue_source_is_locked (FugueSource *source)
{
  return source->is_locked;
}

gboolean
fugue_source_is_muted (FugueSource *source)
{
  return source->is_muted;
}

/* The class. */

static void
fugue_source_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  FugueSource *source = FUGUE_SOURCE (object);

  switch (prop)
    {
    case PROP_ID:
      g_value_set_int64 (value, source->id);
      break;
    case PROP_SLOT:
      g_value_set_enum (value, source->slot);
      break;
    case PROP_NAME:
      g_value_set_string (value, source->name);
      break;
    case PROP_SHA256:
      g_value_set_string (value, source->sha256);
      break;
    case PROP_WIDTH:
      g_value_set_uint (value, source->width);
      break;
    case PROP_HEIGHT:
      g_value_set_uint (value, source->height);
      break;
    case PROP_PICTURE:
      g_value_set_int64 (value, source->picture);
      break;
    case PROP_THUMBNAIL:
      g_value_set_boxed (value, source->thumbnail);
      break;
    case PROP_IMAGE:
      g_value_set_boxed (value, source->image);
      break;
    case PROP_CROP:
      g_value_take_string (value, fugue_source_dup_crop_text (source));
      break;
    case PROP_IS_LOCKED:
      g_value_set_boolean (value, source->is_locked);
      break;
    case PROP_IS_MUTED:
      g_value_set_boolean (value, source->is_muted);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
fugue_source_set_property (GObject *object, guint prop, const GValue *value, GParamSpec *pspec)
{
  FugueSource *source = FUGUE_SOURCE (object);

  switch (prop)
    {
    case PROP_NAME:
      fugue_source_set_name (source, g_value_get_string (value));
      break;
    case PROP_CROP:
      fugue_source_set_crop_text (source, g_value_get_string (value));
      break;
    case PROP_IS_LOCKED:
      fugue_source_set_locked (source, g_value_get_boolean (value));
      break;
    case PROP_IS_MUTED:
      fugue_source_set_muted (source, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
fugue_source_finalize (GObject *object)
{
  FugueSource *source = FUGUE_SOURCE (object);

  g_free (source->sha256);
  g_free (source->name);
  g_clear_pointer (&source->thumbnail, unclip_image_unref);
  g_clear_pointer (&source->image, unclip_image_unref);
  g_weak_ref_clear (&source->owner);
  G_OBJECT_CLASS (fugue_source_parent_class)->finalize (object);
}

static void
fugue_source_class_init (FugueSourceClass *klass)
{
  GObjectClass     *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags write = read | G_PARAM_WRITABLE;

  object_class->get_property = fugue_source_get_property;
  object_class->set_property = fugue_source_set_property;
  object_class->finalize = fugue_source_finalize;

  props[PROP_ID] = g_param_spec_int64 ("id", NULL, NULL, 0, G_MAXINT64, 0, read);
  props[PROP_SLOT] = g_param_spec_enum ("slot", NULL, NULL, FUGUE_TYPE_SLOT, FUGUE_SLOT_NONE, read);
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", write);
  props[PROP_SHA256] = g_param_spec_string ("sha256", NULL, NULL, "", read);
  props[PROP_WIDTH] = g_param_spec_uint ("width", NULL, NULL, 0, UNCLIP_IMAGE_MAX_SIDE, 0, read);
  props[PROP_HEIGHT] = g_param_spec_uint ("height", NULL, NULL, 0, UNCLIP_IMAGE_MAX_SIDE, 0, read);
  props[PROP_PICTURE] = g_param_spec_int64 ("picture", NULL, NULL, 0, G_MAXINT64, 0, read);
  props[PROP_THUMBNAIL] = g_param_spec_boxed ("thumbnail", NULL, NULL, UNCLIP_TYPE_IMAGE, read);
  props[PROP_IMAGE] = g_param_spec_boxed ("image", NULL, NULL, UNCLIP_TYPE_IMAGE, read);
  props[PROP_CROP] = g_param_spec_string ("crop", NULL, NULL, "", write);
  props[PROP_IS_LOCKED] = g_param_spec_boolean ("is-locked", NULL, NULL, FALSE, write);
  props[PROP_IS_MUTED] = g_param_spec_boolean ("is-muted", NULL, NULL, FALSE, write);
  g_object_class_install_properties (object_class, N_PROPS, props);

  edited_signal = g_signal_new ("edited", FUGUE_TYPE_SOURCE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                G_TYPE_VALUE);
}

static void
fugue_source_init (FugueSource *source)
{
  source->slot = FUGUE_SLOT_NONE;
  g_weak_ref_init (&source->owner, NULL);
}
