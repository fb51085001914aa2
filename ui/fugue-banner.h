/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A bar under the header for a condition that lasts: no model, no device, a disk nearly full. The most pressing one is shown.
 *
 * Thread: main.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FUGUE_TYPE_BANNER (fugue_banner_get_type ())
G_DECLARE_FINAL_TYPE (FugueBanner, fugue_banner, FUGUE, BANNER, GtkWidget)

/**
 * FugueBannerKind:
 *
 * What a banner can be about, the most pressing first.
 */
typedef enum
{
  FUGUE_BANNER_DISK,
  FUGUE_BANNER_ENGINE,
  FUGUE_BANNER_MODEL,
  FUGUE_BANNER_DEVICE,
  FUGUE_BANNER_RESUME,
  FUGUE_BANNER_WELCOME,
  FUGUE_BANNER_N_KINDS,
} FugueBannerKind;

/**
 * FugueBannerMessage:
 * @text: plain, translated
 * @labels: (array) (nullable): of up to three buttons, translated, ended by %NULL
 * @actions: detailed names of what they do
 */
typedef struct
{
  const char *text;
  const char *labels[4];
  const char *actions[4];
} FugueBannerMessage;

GtkWidget  *fugue_banner_new      (void);

/**
 * fugue_banner_set:
 * @message: (nullable): %NULL when the condition is over
 */
void        fugue_banner_set      (FugueBanner              *self,
                                   FugueBannerKind           kind,
                                   const FugueBannerMessage *message);

/**
 * fugue_banner_get_text:
 *
 * Returns: (transfer none) (nullable): what is shown
 */
const char *fugue_banner_get_text (FugueBanner              *self);

G_END_DECLS
