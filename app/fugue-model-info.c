/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "fugue-model-info.h"

void
fugue_model_choice_clear (FugueModelChoice *choice)
{
  g_free ((char *) choice->folder);
  g_free ((char *) choice->image_encoder);
  g_free ((char *) choice->device);
  g_free ((char *) choice->precision);
  *choice = (FugueModelChoice){ 0 };
}

void
fugue_model_choice_copy (FugueModelChoice *to, const FugueModelChoice *from)
{
  const FugueModelChoice copy = {
    g_strdup (from->folder), g_strdup (from->image_encoder), g_strdup (from->device), g_strdup (from->precision), from->warm_batch,
  };

  fugue_model_choice_clear (to);
  *to = copy;
}

/* The struct that is seen, behind its count. */
typedef struct
{
  FugueModelInfo  info;
  gatomicrefcount ref_count;
} Counted;

G_DEFINE_BOXED_TYPE (FugueModelInfo, fugue_model_info, fugue_model_info_ref, fugue_model_info_unref)

static char *
dup_string (GVariant *dict, const char *key)
{
  const char *value = "";

  g_variant_lookup (dict, key, "&s", &value);
  return g_strdup (value);
}

static void
read_parts (FugueModelInfo *info, GVariant *variant)
{
  g_autoptr (GVariant) parts = g_variant_lookup_value (variant, "parts", G_VARIANT_TYPE ("aa{sv}"));

  info->n_parts = parts != NULL ? (guint) g_variant_n_children (parts) : 0;
  info->parts = g_new0 (FugueModelPart, info->n_parts);
  for (guint i = 0; i < info->n_parts; i++)
    {
      g_autoptr (GVariant) part = g_variant_get_child_value (parts, i);

      info->parts[i].name = dup_string (part, "name");
      info->parts[i].class_name = dup_string (part, "class");
      g_variant_lookup (part, "present", "b", &info->parts[i].is_present);
      g_variant_lookup (part, "bytes", "t", &info->parts[i].n_bytes);
    }
}

static void
read_defaults (FugueModelInfo *info, GVariant *variant)
{
  g_autoptr (GVariant) defaults = g_variant_lookup_value (variant, "defaults", G_VARIANT_TYPE_VARDICT);

  if (defaults == NULL)
    return;
  g_variant_lookup (defaults, "prior_steps", "u", &info->prior_steps);
  g_variant_lookup (defaults, "decoder_steps", "u", &info->decoder_steps);
  g_variant_lookup (defaults, "upsampler_steps", "u", &info->upsampler_steps);
  g_variant_lookup (defaults, "prior_guidance", "d", &info->prior_guidance);
  g_variant_lookup (defaults, "decoder_guidance", "d", &info->decoder_guidance);
}

FugueModelInfo *
fugue_model_info_new_from_variant (GVariant *variant)
{
  Counted        *counted = g_new0 (Counted, 1);
  FugueModelInfo *info = &counted->info;

  g_atomic_ref_count_init (&counted->ref_count);
  info->name = dup_string (variant, "name");
  info->folder = dup_string (variant, "folder");
  info->sha256 = dup_string (variant, "sha256");
  g_variant_lookup (variant, "bytes", "t", &info->n_bytes);
  g_variant_lookup (variant, "decoder_size", "u", &info->decoder_size);
  g_variant_lookup (variant, "picture_size", "u", &info->picture_size);
  g_variant_lookup (variant, "can_vary", "b", &info->can_vary);
  g_variant_lookup (variant, "can_imagine", "b", &info->can_imagine);
  g_variant_lookup (variant, "has_axes", "b", &info->has_axes);
  read_defaults (info, variant);
  read_parts (info, variant);
  return info;
}

FugueModelInfo *
fugue_model_info_ref (FugueModelInfo *info)
{
  g_atomic_ref_count_inc (&((Counted *) info)->ref_count);
  return info;
}

void
fugue_model_info_unref (FugueModelInfo *info)
{
  if (info == NULL || !g_atomic_ref_count_dec (&((Counted *) info)->ref_count))
    return;
  for (guint i = 0; i < info->n_parts; i++)
    {
      g_free (info->parts[i].name);
      g_free (info->parts[i].class_name);
    }
  g_free (info->parts);
  g_free (info->name);
  g_free (info->folder);
  g_free (info->sha256);
  g_free ((Counted *) info);
}

void
fugue_found_model_free (FugueFoundModel *model)
{
  if (model == NULL)
    return;
  g_free (model->name);
  g_free (model->folder);
  g_free (model->message);
  g_free (model);
}
