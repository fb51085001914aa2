/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person must know: engines that die, models and devices that are missing, disks that fill up, what an earlier run left,
 * recipes inside pictures that came in. Passing things are toasts, lasting ones banners.
 */

#include "config.h"

#include "fugue-window-private.h"

#include <glib/gi18n.h>

/* ---- engine, model, device ---- */

static FugueEngine *
get_engine (FugueWindow *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->pool)) > 0 ? fugue_engine_pool_get_main (self->pool) : NULL;
}

static void
show_model_condition (FugueWindow *self,
                      FugueEngine *engine)
{
  const GError *error = engine != NULL ? fugue_engine_get_error (engine) : NULL;
  FugueModelInfo *model = engine != NULL ? fugue_engine_get_model (engine) : NULL;
  g_autofree char *text = NULL;

  if (engine != NULL && fugue_engine_get_state (engine) == FUGUE_ENGINE_NO_MODEL && error != NULL)
    {
      fugue_banner_set (self->banner, FUGUE_BANNER_MODEL, &(FugueBannerMessage) {
        error->message, { _("Try again"), _("Preferences"), NULL },
        { "win.retry-engine", "app.preferences-page::models", NULL },
      });
    }
  else if (model != NULL && error != NULL)
    {
      /* Another one was asked for, and could not be loaded. */
      text = g_strdup_printf (_("%s%s “%s” stays in use."), error->message,
                              g_str_has_suffix (error->message, ".") ? "" : ".", model->name);
      fugue_banner_set (self->banner, FUGUE_BANNER_MODEL, &(FugueBannerMessage) {
        text, { _("Preferences"), _("Dismiss"), NULL }, { "app.preferences-page::models", "win.keep-model", NULL },
      });
    }
  else if (model != NULL && !model->can_vary)
    {
      text = g_strdup_printf (_("The decoder of “%s” is here, its image encoder is missing (of Karlo: CLIP ViT-L/14, 1.2 GB). "
                                "Variations need it."), model->name);
      fugue_banner_set (self->banner, FUGUE_BANNER_MODEL, &(FugueBannerMessage) {
        text, { _("Preferences"), NULL }, { "app.preferences-page::models", NULL },
      });
    }
  else
    {
      fugue_banner_set (self->banner, FUGUE_BANNER_MODEL, NULL);
    }
}

/* At the first start, until it is dismissed: what the model that ships is, and that there are others. */
static void
show_welcome (FugueWindow *self,
              FugueEngine *engine)
{
  g_autofree char *chosen = g_settings_get_string (self->settings, "model");

  if (engine == NULL || fugue_engine_get_model (engine) == NULL || *chosen != '\0'
      || !g_settings_get_boolean (self->settings, "welcome"))
    fugue_banner_set (self->banner, FUGUE_BANNER_WELCOME, NULL);
  else
    fugue_banner_set (self->banner, FUGUE_BANNER_WELCOME, &(FugueBannerMessage) {
      _("Mini is loaded, the model that ships with Fugue: small, for pictograms and simple drawings, not photographs."),
      { _("Find models on this computer"), _("Choose a folder…"), _("Dismiss"), NULL },
      { "app.preferences-page::models", "win.choose-models", "win.dismiss-welcome", NULL },
    });
}

static void
show_engine_condition (FugueWindow *self,
                       FugueEngine *engine)
{
  const GError *error = engine != NULL ? fugue_engine_get_error (engine) : NULL;
  g_autofree char *kind = NULL;

  if (engine != NULL)
    g_object_get (engine, "device-kind", &kind, NULL);
  if (engine != NULL && fugue_engine_get_state (engine) == FUGUE_ENGINE_GIVEN_UP && error != NULL
      && fugue_engine_is_default (engine) && *kind != '\0' && !g_str_equal (kind, "software"))
    fugue_banner_set (self->banner, FUGUE_BANNER_ENGINE, &(FugueBannerMessage) {
      error->message, { _("Work on the processor"), _("Try again"), _("Preferences"), NULL },
      { "win.use-processor", "win.retry-engine", "app.preferences", NULL },
    });
  else if (engine != NULL && fugue_engine_get_state (engine) == FUGUE_ENGINE_GIVEN_UP && error != NULL)
    fugue_banner_set (self->banner, FUGUE_BANNER_ENGINE, &(FugueBannerMessage) {
      error->message, { _("Try again"), _("Preferences"), NULL }, { "win.retry-engine", "app.preferences", NULL },
    });
  else
    fugue_banner_set (self->banner, FUGUE_BANNER_ENGINE, NULL);

  show_model_condition (self, engine);
}

static void
show_device_condition (FugueWindow *self,
                       FugueEngine *engine)
{
  g_autofree char *kind = NULL;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (engine == NULL || fugue_engine_get_model (engine) == NULL || self->told_of_device)
    return;

  g_object_get (engine, "device-kind", &kind, "device-name", &name, NULL);
  if (g_strcmp0 (kind, "software") != 0)
    {
      fugue_banner_set (self->banner, FUGUE_BANNER_DEVICE, NULL);
      return;
    }
  text = g_strdup_printf (_("No graphics card with Vulkan found. Working on the processor (%s), which takes longer."), name);
  fugue_banner_set (self->banner, FUGUE_BANNER_DEVICE, &(FugueBannerMessage) {
    text, { _("Details"), _("Dismiss"), NULL }, { "win.devices", "win.dismiss-device", NULL },
  });
}

static void
engine_cb (FugueWindow *self)
{
  FugueEngine *engine = get_engine (self);
  FugueModelInfo *model = engine != NULL ? fugue_engine_get_model (engine) : NULL;

  show_engine_condition (self, engine);
  show_device_condition (self, engine);
  show_welcome (self, engine);
  if (model != NULL && model != fugue_controls_get_model (self->controls))
    fugue_controls_set_model (self->controls, model);
  fugue_window_run_wanted (self);
}

/* Steps are told by signals of their own; the rest of an engine's properties seldom change. */
static void
engine_notify_cb (FugueEngine *engine,
                  GParamSpec  *pspec,
                  FugueWindow *self)
{
  if (!g_str_equal (pspec->name, "memory-used") && !g_str_equal (pspec->name, "n-jobs"))
    engine_cb (self);
}

static void
engines_changed_cb (FugueWindow *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->pool));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FugueEngine) engine = g_list_model_get_item (G_LIST_MODEL (self->pool), i);

      g_signal_handlers_disconnect_by_func (engine, engine_notify_cb, self);
      g_signal_connect_object (engine, "notify", G_CALLBACK (engine_notify_cb), self, 0);
    }
  engine_cb (self);
}

static void
engine_died_cb (FugueWindow *self,
                const char  *message,
                guint        n_requeued)
{
  g_autofree char *text = NULL;

  if (n_requeued == 0)
    text = g_strdup_printf (_("%s It is being started again."), message);
  else
    text = g_strdup_printf (ngettext ("%s It is being started again; %u picture is made anew.",
                                      "%s It is being started again; %u pictures are made anew.", n_requeued),
                            message, n_requeued);
  fugue_window_toast (self, text, NULL, 0);
}

void
fugue_window_show_devices (FugueWindow *self)
{
  FugueEngine *engine = get_engine (self);
  g_autoptr (GVariant) devices = engine != NULL ? fugue_engine_dup_devices (engine) : NULL;
  GtkWidget *window = gtk_window_new ();
  GtkWidget *list = gtk_list_box_new ();
  gsize n = devices != NULL ? g_variant_n_children (devices) : 0;

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_list_box_set_placeholder (GTK_LIST_BOX (list), gtk_label_new (_("Vulkan offers no device at all.")));
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) device = g_variant_get_child_value (devices, i);
      const char *name = "", *driver = "", *reason = "";
      gboolean chosen = FALSE;
      g_autofree char *text = NULL;
      GtkWidget *label;

      g_variant_lookup (device, "name", "&s", &name);
      g_variant_lookup (device, "driver", "&s", &driver);
      g_variant_lookup (device, "reason", "&s", &reason);
      g_variant_lookup (device, "chosen", "b", &chosen);
      text = g_strdup_printf ("%s\n%s%s%s", name, driver, *driver != '\0' ? " · " : "",
                              chosen ? _("in use") : *reason != '\0' ? reason : _("not in use"));
      label = g_object_new (GTK_TYPE_LABEL, "label", text, "xalign", 0.0, "wrap", TRUE, "selectable", TRUE, NULL);
      gtk_widget_add_css_class (label, "fugue-bar");
      gtk_list_box_append (GTK_LIST_BOX (list), label);
    }

  gtk_window_set_title (GTK_WINDOW (window), _("Devices"));
  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self));
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (window), 420, 240);
  gtk_window_set_child (GTK_WINDOW (window), list);
  {
    GtkEventController *escape = gtk_shortcut_controller_new ();

    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (escape),
                                          gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                            gtk_named_action_new ("window.close")));
    gtk_widget_add_controller (window, escape);
  }
  gtk_window_present (GTK_WINDOW (window));
}

/* ---- the session ---- */

static void
disk_cb (FugueWindow *self)
{
  const GError *trouble = fugue_session_get_trouble (self->session);
  guint64 free_bytes = fugue_session_get_free_bytes (self->session);
  g_autofree char *text = NULL;

  if (trouble != NULL)
    {
      fugue_banner_set (self->banner, FUGUE_BANNER_DISK, &(FugueBannerMessage) {
        trouble->message, { _("Try again"), NULL }, { "win.retry-disk", NULL },
      });
      return;
    }
  if (free_bytes >= FUGUE_SESSION_LOW_BYTES)
    {
      fugue_banner_set (self->banner, FUGUE_BANNER_DISK, NULL);
      return;
    }
  text = g_strdup_printf (_("The disk is nearly full: %u MB are left. Below %u MB no new pictures are begun."),
                          (guint) (free_bytes >> 20), (guint) (FUGUE_SESSION_STOP_BYTES >> 20));
  fugue_banner_set (self->banner, FUGUE_BANNER_DISK, &(FugueBannerMessage) { .text = text });
}

static void
left_over_cb (FugueWindow *self)
{
  guint n = g_list_model_get_n_items (fugue_queue_get_left_over (self->queue))
            + fugue_folder_batch_get_n_left_over (self->folders);
  g_autofree char *text = NULL;

  if (n == 0)
    {
      fugue_banner_set (self->banner, FUGUE_BANNER_RESUME, NULL);
      return;
    }
  text = g_strdup_printf (ngettext ("%u batch was waiting when Fugue ended.", "%u batches were waiting when Fugue ended.", n), n);
  fugue_banner_set (self->banner, FUGUE_BANNER_RESUME, &(FugueBannerMessage) {
    text, { _("Resume"), _("Review"), _("Discard"), NULL },
    { "win.resume-left-over", "win.review-left-over", "win.discard-left-over", NULL },
  });
}

void
fugue_window_follow_conditions (FugueWindow *self)
{
  const char *notice = fugue_session_get_notice (self->session);

  g_signal_connect_object (self->pool, "items-changed", G_CALLBACK (engines_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->queue, "engine-died", G_CALLBACK (engine_died_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (fugue_queue_get_left_over (self->queue), "items-changed", G_CALLBACK (left_over_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->folders, "notify::n-left-over", G_CALLBACK (left_over_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::trouble", G_CALLBACK (disk_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::free-bytes", G_CALLBACK (disk_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->intake, "recipe", G_CALLBACK (fugue_window_offer_recipe), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::welcome", G_CALLBACK (engine_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::model", G_CALLBACK (engine_cb), self, G_CONNECT_SWAPPED);
  engines_changed_cb (self);
  disk_cb (self);
  left_over_cb (self);
  if (notice != NULL)
    fugue_window_toast (self, notice, NULL, 0);
}

/* ---- recipes that came in ---- */

static void
forget_offer (FugueWindow *self)
{
  g_clear_pointer (&self->offered_recipe, unclip_recipe_unref);
  g_clear_pointer (&self->offered_caption, g_free);
  g_clear_object (&self->offered_source);
  self->has_offered_seed = FALSE;
}

void
fugue_window_load_recipe (FugueWindow  *self,
                          UnclipRecipe *recipe)
{
  const char *const *sources = unclip_recipe_get_sources (recipe);
  FugueMode mode;
  gboolean is_known;
  gboolean lacks = FALSE;

  is_known = fugue_controls_load_recipe (self->controls, recipe, &mode);
  for (guint i = 0; sources[i] != NULL; i++)
    lacks |= fugue_session_find_source (self->session, sources[i]) == NULL;
  if (is_known)
    fugue_window_set_mode (self, fugue_enum_get_nick (FUGUE_TYPE_MODE, mode));
  fugue_window_toast (self, lacks ? _("The settings are restored. The picture that it was made from is not in this session.")
                                  : _("The settings are restored."), NULL, 0);
}

void
fugue_window_take_offer (FugueWindow *self,
                         gboolean     keep_source)
{
  fugue_undo_end_step (self->undo);
  if (self->offered_recipe != NULL)
    {
      fugue_window_load_recipe (self, self->offered_recipe);
    }
  else
    {
      if (self->offered_caption != NULL)
        g_object_set (self->controls, "caption", self->offered_caption, NULL);
      if (self->has_offered_seed)
        g_object_set (self->controls, "seed", (guint) self->offered_seed, "is-seed-locked", TRUE, NULL);
    }
  if (!keep_source && self->offered_source != NULL)
    fugue_session_move_source (self->session, self->offered_source, FUGUE_SLOT_NONE);
  forget_offer (self);
}

void
fugue_window_offer_recipe (FugueWindow    *self,
                           FugueImport    *import,
                           FugueSource    *source,
                           FugueIntakeUse  use)
{
  const FugueToastButton ours[] = {
    { _("Restore settings"), "win.use-settings(false)" },
    { _("Both"), "win.use-settings(true)" },
  };
  const FugueToastButton foreign[] = { { _("Take caption and seed"), "win.use-settings(true)" } };
  g_autofree char *text = NULL;

  forget_offer (self);
  if (import->recipe != NULL)
    self->offered_recipe = unclip_recipe_ref (import->recipe);
  self->offered_caption = g_strdup (import->caption);
  self->has_offered_seed = import->has_seed && import->seed <= G_MAXUINT32;
  self->offered_seed = import->seed;
  g_set_object (&self->offered_source, source);

  if (import->recipe == NULL && import->caption == NULL && !import->has_seed)
    {
      if (import->message != NULL)
        fugue_window_toast (self, import->message, NULL, 0);
      return;
    }
  if (use != FUGUE_INTAKE_ASK)
    {
      fugue_window_take_offer (self, TRUE);
      return;
    }
  if (import->recipe != NULL)
    {
      text = g_strdup_printf (_("%s was made by Fugue. It is used as a source."), import->name);
      fugue_window_toast (self, text, ours, G_N_ELEMENTS (ours));
    }
  else
    {
      text = g_strdup_printf (_("%s says how another program made it."), import->name);
      fugue_window_toast (self, text, foreign, G_N_ELEMENTS (foreign));
    }
}
