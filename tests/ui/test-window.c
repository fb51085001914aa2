/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The whole window in the test's own process, with a real engine beside it: what the main loop does during a run, what is said when
 * an engine dies, what keys do where.
 */

#include "config.h"

#include "fugue-application.h"
#include "fugue-settings.h"
#include "fugue-window-private.h"

#include <glib/gstdio.h>
#include <signal.h>

#include "app-support.h"
#include "fugue-export.h"
#include "fugue-mode-stage.h"
#include "fugue-modes.h"
#include "test-widgets.h"
#include "unclip-image-file.h"

/* Software Vulkan on a busy machine with two cores takes its time. */
#define PATIENCE_S 240

static FugueApplication *application;

/* test_wait_for() with more patience. */
#define wait_for(condition) \
  G_STMT_START \
    { \
      gint64 deadline = g_get_monotonic_time () + PATIENCE_S * (gint64) G_USEC_PER_SEC; \
      while (!(condition) && g_get_monotonic_time () < deadline) \
        test_turn (); \
      g_assert_true (condition); \
    } \
  G_STMT_END

static FugueWindow *
get_window (void)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  return FUGUE_IS_WINDOW (window) ? FUGUE_WINDOW (window) : NULL;
}

static void
give_keyboard (FugueWindow *self)
{
  const char *const argv[] = { "xdotool", "search", "--sync", "--onlyvisible", "--name", "Fugue$", "windowfocus", NULL };

  wait_for (gtk_widget_get_mapped (GTK_WIDGET (self)));
  {
    g_autoptr (GSubprocess) process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_NONE, NULL);

    g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
  }
  wait_for (gtk_window_is_active (GTK_WINDOW (self)));
}

/* A window with the star in slot A, on stage. */
static FugueWindow *
open_star (void)
{
  g_autofree char *path = g_build_filename (FUGUE_SOURCE_DATADIR, "samples", "star.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  FugueWindow *self;

  g_application_open (G_APPLICATION (application), &file, 1, "");
  wait_for (get_window () != NULL && get_window ()->base != NULL);
  self = get_window ();
  give_keyboard (self);
  wait_for (fugue_controls_get_model (self->controls) != NULL);
  return self;
}

static void
close_window (FugueWindow *self)
{
  gpointer gone = self;

  g_object_add_weak_pointer (G_OBJECT (self), &gone);
  gtk_window_close (GTK_WINDOW (self));
  wait_for (gone == NULL);
}

static guint
count (FugueWindow       *self,
       FuguePictureState  state)
{
  GListModel *pictures = fugue_session_get_pictures (self->session);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FuguePicture) picture = g_list_model_get_item (pictures, i);

      n += fugue_picture_get_state (picture) == state;
    }
  return n;
}

static gboolean
has_preview (FugueWindow *self)
{
  GListModel *pictures = fugue_session_get_pictures (self->session);

  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FuguePicture) picture = g_list_model_get_item (pictures, i);

      if (fugue_picture_get_preview (picture) != NULL)
        return TRUE;
    }
  return FALSE;
}

static GtkWidget *
find_widget (GtkWidget *widget,
             GType      type)
{
  GtkWidget *found = G_TYPE_CHECK_INSTANCE_TYPE (widget, type) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_widget (child, type);
  return found;
}

static void
press (FugueWindow *self,
       const char  *key)
{
  test_key (GTK_WINDOW (self), key);
}

/* @how: "keydown" or "keyup" */
static void
hold (const char *how,
      const char *key)
{
  g_autoptr (GSubprocess) process = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "xdotool", how, key, NULL);

  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

/* ---- the main loop during a run ---- */

/* Milliseconds from tick to tick of a source of the highest priority: what is above the period is time in which a key would have
 * waited. */
#define PERIOD_MS 5

typedef struct
{
  gint64  last;
  GArray *waits;      /* of double, ms beyond the period */
} Watch;

static gboolean
tick_cb (gpointer user_data)
{
  Watch *watch = user_data;
  gint64 now = g_get_monotonic_time ();
  double wait = (now - watch->last) / 1e3 - PERIOD_MS;

  watch->last = now;
  g_array_append_val (watch->waits, wait);
  return G_SOURCE_CONTINUE;
}

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* Figures are printed and not asserted: how busy the machine is, is not the window's doing. */
static void
test_latency (void)
{
  FugueWindow *self = open_star ();
  Watch watch = { .last = g_get_monotonic_time (), .waits = g_array_new (FALSE, FALSE, sizeof (double)) };
  gint64 start;
  double first_preview = 0;
  guint source;

  press (self, "v");
  start = g_get_monotonic_time ();
  source = g_timeout_add_full (G_PRIORITY_HIGH, PERIOD_MS, tick_cb, &watch, NULL);
  watch.last = start;
  while (count (self, FUGUE_PICTURE_FINISHED) < 8
         && g_get_monotonic_time () - start < PATIENCE_S * (gint64) G_USEC_PER_SEC)
    {
      g_main_context_iteration (NULL, TRUE);
      if (first_preview == 0 && has_preview (self))
        first_preview = (g_get_monotonic_time () - start) / 1e6;
    }
  g_source_remove (source);
  g_assert_cmpuint (count (self, FUGUE_PICTURE_FINISHED), ==, 8);
  g_assert_cmpfloat (first_preview, >, 0);

  g_array_sort (watch.waits, compare_doubles);
  g_test_message ("main loop during a run of 8: %u ticks, waits of 50 %% %.1f ms, 99 %% %.1f ms, longest %.1f ms; "
                  "first preview after %.2f s, all after %.1f s",
                  watch.waits->len, g_array_index (watch.waits, double, watch.waits->len / 2),
                  g_array_index (watch.waits, double, watch.waits->len * 99 / 100),
                  g_array_index (watch.waits, double, watch.waits->len - 1),
                  first_preview, (g_get_monotonic_time () - start) / 1e6);
  g_array_unref (watch.waits);
  close_window (self);
}

/* ---- engines that die ---- */

static void
test_killed_engine (void)
{
  FugueWindow *self = open_star ();
  FugueEngine *engine = fugue_engine_pool_get_main (self->pool);
  GPid pid;

  press (self, "v");
  wait_for (has_preview (self));
  pid = g_ascii_strtoll (fugue_engine_get_pid (engine), NULL, 10);
  g_assert_cmpint (pid, >, 1);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);

  wait_for (fugue_toasts_get_message (self->toasts) != NULL
            && strstr (fugue_toasts_get_message (self->toasts), "started again") != NULL);
  wait_for (count (self, FUGUE_PICTURE_FINISHED) == 8);
  g_assert_cmpuint (count (self, FUGUE_PICTURE_FAILED), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_pictures (self->session)), ==, 8);
  close_window (self);
}

/* An engine that dies twice is given up. What failed by it comes from the processor, and a report says what happened. */
static void
test_on_processor (void)
{
  FugueWindow *self = open_star ();
  g_autofree char *dying = g_strdup_printf ("sh -c 'UNCLIP_SERVE_FAULT=abort:3 exec \"%s\" serve'", g_getenv ("FUGUE_UNCLIP"));
  const char *const launchers[] = { dying, NULL };
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (self));
  GdkContentProvider *content;
  g_auto (GValue) report = G_VALUE_INIT;
  g_autoptr (FuguePicture) failed = NULL;

  g_settings_set_strv (self->settings, "launchers", launchers);
  press (self, "v");
  wait_for (count (self, FUGUE_PICTURE_FAILED) == 1);
  wait_for (fugue_engine_get_state (fugue_engine_pool_get_main (self->pool)) == FUGUE_ENGINE_GIVEN_UP);
  wait_for (fugue_banner_get_text (self->banner) != NULL
            && strstr (fugue_banner_get_text (self->banner), "second time") != NULL);

  failed = g_list_model_get_item (fugue_session_get_pictures (self->session), 0);
  g_assert_cmpint (fugue_picture_get_state (failed), ==, FUGUE_PICTURE_FAILED);
  fugue_gallery_go_to (self->gallery, failed, TRUE);
  wait_for (g_action_group_get_action_enabled (G_ACTION_GROUP (self), "try-on-processor"));
  press (self, "shift+e");
  wait_for (gdk_clipboard_is_local (clipboard));
  content = gdk_clipboard_get_content (clipboard);
  g_value_init (&report, G_TYPE_STRING);
  g_assert_true (gdk_content_provider_get_value (content, &report, NULL));
  g_assert_nonnull (strstr (g_value_get_string (&report), "Failed picture: engine: "));
  g_assert_nonnull (strstr (g_value_get_string (&report), unclip_recipe_get_canonical (fugue_picture_get_recipe (failed))));

  press (self, "shift+r");
  wait_for (fugue_picture_get_state (failed) == FUGUE_PICTURE_FINISHED);
  g_assert_cmpuint (count (self, FUGUE_PICTURE_FAILED), ==, 0);
  wait_for (!g_action_group_get_action_enabled (G_ACTION_GROUP (self), "try-on-processor"));
  g_settings_reset (self->settings, "launchers");
  close_window (self);
}

/* ---- models ---- */

static gboolean
shows (FugueWindow *self,
       const char  *words)
{
  const char *text = fugue_banner_get_text (self->banner);

  return text != NULL && strstr (text, words) != NULL;
}

/* A folder of a model's name with nothing but its index. */
static char *
make_model (const char *folder,
            const char *name,
            const char *index)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autofree char *file = g_build_filename (path, "model_index.json", NULL);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, index, -1, NULL));
  return path;
}

static gboolean
has_label (GtkWidget  *widget,
           const char *words)
{
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), words) != NULL)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (has_label (child, words))
      return TRUE;
  return FALSE;
}

/* The window beside that of the pictures. */
static GtkWindow *
find_preferences (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (g_strcmp0 (gtk_window_get_title (window), "Preferences") == 0)
        return window;
    }
  return NULL;
}

static gboolean
preferences_say (const char *words)
{
  GtkWindow *preferences = find_preferences ();

  return preferences != NULL && has_label (GTK_WIDGET (preferences), words);
}

/* The first start says what Mini is, until it is dismissed. Models that can't be used are listed with the reason, and choosing one
 * leaves what is in use. */
static void
test_models (void)
{
  FugueWindow *self = open_star ();
  g_autofree char *folder = g_dir_make_tmp ("fugue-models-XXXXXX", NULL);
  g_autofree char *foreign = make_model (folder, "sd21", "{\"_class_name\": \"StableDiffusionPipeline\","
                                                         " \"unet\": [\"diffusers\", \"UNet2DConditionModel\"]}");
  g_autofree char *partial = make_model (folder, "half", "{\"_class_name\": \"UnCLIPPipeline\","
                                                         " \"decoder\": [\"diffusers\", \"UNet2DConditionModel\"],"
                                                         " \"decoder_scheduler\": [\"diffusers\", \"UnCLIPScheduler\"]}");
  g_autofree char *chosen = NULL;

  g_action_group_activate_action (G_ACTION_GROUP (self), "dismiss-device", NULL);
  wait_for (shows (self, "Mini is loaded"));
  g_action_group_activate_action (G_ACTION_GROUP (self), "dismiss-welcome", NULL);
  g_assert_null (fugue_banner_get_text (self->banner));
  g_assert_false (g_settings_get_boolean (self->settings, "welcome"));

  g_assert_true (fugue_settings_add_model_folder (self->settings, folder));
  g_assert_false (fugue_settings_add_model_folder (self->settings, folder));
  g_action_group_activate_action (G_ACTION_GROUP (application), "preferences-page", g_variant_new_string ("models"));
  wait_for (preferences_say ("without image conditioning; Fugue needs an unCLIP model"));
  g_assert_true (preferences_say ("has no folder of that name; the copy is incomplete"));
  g_assert_true (preferences_say ("kakaobrain/karlo-v1-alpha-image-variations"));
  gtk_window_destroy (find_preferences ());

  g_settings_set_string (self->settings, "model", foreign);
  wait_for (shows (self, "without image conditioning"));
  g_assert_true (shows (self, "“mini” stays in use."));
  g_action_group_activate_action (G_ACTION_GROUP (self), "keep-model", NULL);
  wait_for (fugue_banner_get_text (self->banner) == NULL);
  chosen = g_settings_get_string (self->settings, "model");
  g_assert_cmpstr (chosen, ==, "");

  g_settings_reset (self->settings, "model-folders");
  close_window (self);
}

/* ---- stopping, and leaving ---- */

static void
test_stop (void)
{
  FugueWindow *self = open_star ();
  gint64 pressed;
  double said_ms, done_ms;
  gboolean is_stopping = FALSE;

  press (self, "v");
  wait_for (has_preview (self));
  press (self, "Escape");
  pressed = g_get_monotonic_time ();
  while (!is_stopping && fugue_queue_get_current (self->queue) != NULL)
    {
      test_turn ();
      g_object_get (self->queue, "is-stopping", &is_stopping, NULL);
    }
  said_ms = (g_get_monotonic_time () - pressed) / 1e3;
  wait_for (fugue_queue_get_current (self->queue) == NULL);
  done_ms = (g_get_monotonic_time () - pressed) / 1e3;
  g_test_message ("Escape: said after %.0f ms, stopped after %.0f ms (key stroke by xdotool included)", said_ms, done_ms);

  wait_for (fugue_toasts_get_message (self->toasts) != NULL
            && g_str_has_prefix (fugue_toasts_get_message (self->toasts), "Stopped."));
  g_assert_cmpuint (count (self, FUGUE_PICTURE_RUNNING) + count (self, FUGUE_PICTURE_WAITING), ==, 0);
  close_window (self);
}

/* With a popover open, Escape closes it and leaves the run alone; keys then go where they went before, and the next one stops. */
static void
test_escape (void)
{
  FugueWindow *self = open_star ();
  GtkWidget *list = find_widget (GTK_WIDGET (self->activity_bar), GTK_TYPE_LIST_BOX);
  GtkWidget *menu = GTK_WIDGET (gtk_menu_button_get_popover (self->menu_button));

  press (self, "v");
  wait_for (has_preview (self));
  wait_for (fugue_gallery_has_grid_focus (self->gallery));
  press (self, "F10");
  wait_for (gtk_widget_get_mapped (menu));
  press (self, "Escape");
  wait_for (!gtk_widget_get_mapped (menu) && fugue_gallery_has_grid_focus (self->gallery));
  press (self, "F7");
  wait_for (gtk_widget_get_mapped (list));
  press (self, "Escape");
  wait_for (!gtk_widget_get_mapped (list));
  g_assert_nonnull (fugue_queue_get_current (self->queue));
  g_assert_cmpuint (count (self, FUGUE_PICTURE_RUNNING) + count (self, FUGUE_PICTURE_FINISHED), >, 0);
  press (self, "Escape");
  wait_for (fugue_queue_get_current (self->queue) == NULL);
  wait_for (fugue_toasts_get_message (self->toasts) != NULL
            && g_str_has_prefix (fugue_toasts_get_message (self->toasts), "Stopped."));
  close_window (self);
}

static void
test_closed_during_run (void)
{
  FugueWindow *self = open_star ();

  press (self, "v");
  wait_for (has_preview (self));
  close_window (self);
}

/* ---- the queue ---- */

static GtkDropTarget *
get_drop_target (GtkWidget *widget)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        return GTK_DROP_TARGET (controller);
    }
  g_assert_not_reached ();
}

static guint64
get_job_seed (FugueWindow *self,
              guint        position)
{
  g_autoptr (FugueJob) job = g_list_model_get_item (G_LIST_MODEL (self->queue), position);
  g_autoptr (FuguePicture) picture = g_list_model_get_item (fugue_job_get_pictures (job), 0);

  return fugue_picture_get_seed (picture);
}

static guint
count_jobs (FugueWindow *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->queue));
}

/* Three batches that wait, of seeds 1, 2, 3. */
static void
queue_three (FugueWindow *self)
{
  fugue_queue_set_paused (self->queue, TRUE);
  for (guint seed = 1; seed <= 3; seed++)
    {
      g_object_set (self->controls, "seed", seed, "is-seed-locked", TRUE, "n-pictures", 1 + seed, NULL);
      fugue_window_run (self, FUGUE_MODE_VARY, NULL, FALSE);
    }
  g_assert_cmpuint (count_jobs (self), ==, 3);
}

/* A row that is dropped on another takes its place. */
static void
test_queue_order (void)
{
  FugueWindow *self = open_star ();
  GtkListBox *list;
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean handled = FALSE;

  queue_three (self);
  press (self, "F7");
  list = GTK_LIST_BOX (find_widget (GTK_WIDGET (self->activity_bar), GTK_TYPE_LIST_BOX));
  wait_for (gtk_widget_get_mapped (GTK_WIDGET (list)));
  g_value_init (&value, FUGUE_TYPE_JOB);
  g_value_take_object (&value, g_list_model_get_item (G_LIST_MODEL (self->queue), 2));
  g_signal_emit_by_name (get_drop_target (GTK_WIDGET (gtk_list_box_get_row_at_index (list, 0))), "drop", &value, 1.0, 1.0,
                         &handled);
  g_assert_true (handled);
  g_assert_cmpuint (get_job_seed (self, 0), ==, 3);
  g_assert_cmpuint (get_job_seed (self, 1), ==, 1);

  gtk_widget_grab_focus (GTK_WIDGET (gtk_list_box_get_row_at_index (list, 0)));
  press (self, "alt+Down");
  wait_for (get_job_seed (self, 0) == 1);
  close_window (self);
}

/* Editing takes a batch's settings back; what was taken out can be brought back. */
static void
test_queue_edit (void)
{
  FugueWindow *self = open_star ();
  g_autoptr (FugueJob) second = NULL;
  guint seed, n;

  queue_three (self);
  second = g_list_model_get_item (G_LIST_MODEL (self->queue), 1);
  g_action_group_activate_action (G_ACTION_GROUP (self), "edit-job", g_variant_new_int64 (fugue_job_get_id (second)));
  g_assert_cmpuint (count_jobs (self), ==, 2);
  g_object_get (self->controls, "seed", &seed, "n-pictures", &n, NULL);
  g_assert_cmpuint (seed, ==, 2);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpstr (fugue_source_get_name (self->base), ==, "star");

  g_action_group_activate_action (G_ACTION_GROUP (self), "clear-queue", NULL);
  g_assert_cmpuint (count_jobs (self), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_pictures (self->session)), ==, 0);
  g_action_group_activate_action (G_ACTION_GROUP (self), "resume-stopped", NULL);
  g_assert_cmpuint (count_jobs (self), ==, 2);
  g_assert_cmpuint (get_job_seed (self, 0), ==, 1);
  g_assert_cmpuint (get_job_seed (self, 1), ==, 3);
  close_window (self);
}

/* What an earlier run left can be looked at before anything of it runs. */
static void
test_queue_review (void)
{
  FugueWindow *self = open_star ();
  g_autofree char *path = g_strdup (fugue_session_get_path (self->session));
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GtkWidget *list;

  queue_three (self);
  close_window (self);

  g_application_open (G_APPLICATION (application), &file, 1, "");
  wait_for (get_window () != NULL && get_window ()->base != NULL);
  self = get_window ();
  give_keyboard (self);
  g_assert_cmpuint (count_jobs (self), ==, 0);
  wait_for (fugue_banner_get_text (self->banner) != NULL);
  g_action_group_activate_action (G_ACTION_GROUP (self), "review-left-over", NULL);
  g_assert_true (fugue_queue_is_paused (self->queue));
  g_assert_cmpuint (count_jobs (self), ==, 3);
  list = find_widget (GTK_WIDGET (self->activity_bar), GTK_TYPE_LIST_BOX);
  wait_for (gtk_widget_get_mapped (list));
  g_assert_cmpuint (count (self, FUGUE_PICTURE_WAITING), ==, 9);
  close_window (self);
}

/* ---- live mode ---- */

static void
draft_cb (FugueQueue *queue,
          GParamSpec *pspec,
          guint      *n_drafts)
{
  *n_drafts += fugue_queue_get_draft (queue) != NULL;
}

/* Whether the draft is finished, and in full: with the steps of the upsampler. */
static gboolean
is_finished_in_full (FugueJob *draft)
{
  g_autoptr (FuguePicture) picture = draft != NULL ? g_list_model_get_item (fugue_job_get_pictures (draft), 0) : NULL;

  return picture != NULL && fugue_job_get_state (draft) == FUGUE_JOB_FINISHED
         && unclip_recipe_get_sampler (fugue_picture_get_recipe (picture))->n_upsampler_steps > 0;
}

/* Moving the slider makes a draft by itself, which is not in the gallery; after a rest the full picture follows, also where the draft was not
 * done by then; the newest value wins. */
static void
test_live (void)
{
  FugueWindow *self = open_star ();
  guint n_drafts = 0;

  fugue_window_set_mode (self, "diff");
  g_object_set (self->controls, "from-caption", "a yellow star", "to-caption", "a blue star", NULL);
  g_action_group_activate_action (G_ACTION_GROUP (self), "live", NULL);
  wait_for (is_finished_in_full (fugue_queue_get_draft (self->queue)));
  g_signal_connect (self->queue, "notify::draft", G_CALLBACK (draft_cb), &n_drafts);
  for (guint i = 1; i <= 3; i++)
    {
      gint64 moved = g_get_monotonic_time ();

      n_drafts = 0;
      g_object_set (self->controls, "amount", 0.1 * i, NULL);
      wait_for (n_drafts > 0 && fugue_job_get_state (fugue_queue_get_draft (self->queue)) == FUGUE_JOB_FINISHED);
      g_test_message ("%s %u: %.2f s after the slider moved", n_drafts == 1 ? "draft" : "no draft in time; in full", i,
                      (g_get_monotonic_time () - moved) / 1e6);
      wait_for (n_drafts == 2 && is_finished_in_full (fugue_queue_get_draft (self->queue)));
    }
  g_assert_cmpuint (g_list_model_get_n_items (fugue_session_get_pictures (self->session)), ==, 0);
  close_window (self);
}

/* ---- keys ---- */

static guint
count_marked (FugueWindow *self)
{
  GListModel *pictures = fugue_session_get_pictures (self->session);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (pictures); i++)
    {
      g_autoptr (FuguePicture) picture = g_list_model_get_item (pictures, i);

      n += fugue_picture_get_mark (picture) != FUGUE_MARK_NONE;
    }
  return n;
}

/* Marks during a run count, letters in a text field do not, and the preference switches them off everywhere. */
static void
test_letters (void)
{
  FugueWindow *self = open_star ();
  GListModel *pictures = fugue_session_get_pictures (self->session);

  press (self, "v");
  wait_for (has_preview (self));
  wait_for (fugue_gallery_has_grid_focus (self->gallery));
  press (self, "k");
  wait_for (count_marked (self) == 1);

  press (self, "ctrl+f");
  wait_for (GTK_IS_EDITABLE (gtk_root_get_focus (GTK_ROOT (self))));
  press (self, "k");
  press (self, "x");
  press (self, "v");
  {
    GtkWidget *text = gtk_root_get_focus (GTK_ROOT (self));

    wait_for (g_str_equal (gtk_editable_get_text (GTK_EDITABLE (text)), "kxv"));
  }
  g_assert_cmpuint (count_marked (self), ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (pictures), ==, 8);

  /* Escape clears the field and goes back to the pictures; it must not stop the run. */
  press (self, "Escape");
  wait_for (fugue_gallery_has_grid_focus (self->gallery));
  g_settings_set_boolean (self->settings, "single-letters", FALSE);
  press (self, "x");
  press (self, "ctrl+z");
  wait_for (count_marked (self) == 0);
  press (self, "shift+ctrl+z");
  wait_for (count_marked (self) == 1);
  g_settings_set_boolean (self->settings, "single-letters", TRUE);
  close_window (self);
}

/* ---- drops, and the clipboard, by keys ---- */

static gboolean
says (FugueWindow *self,
      const char  *words)
{
  const char *message = fugue_toasts_get_message (self->toasts);

  return message != NULL && strstr (message, words) != NULL;
}

static guint
get_corners (FugueWindow *self)
{
  return fugue_controls_get_corners (self->controls);
}

/* Alt and a letter leave a source out of mixes and take it in again, also while somebody types, and in steps of undo of their own. */
static void
test_mute (void)
{
  FugueWindow *self = open_star ();
  g_autofree char *path = g_build_filename (FUGUE_SOURCE_DATADIR, "samples", "apple.png", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);

  g_list_store_append (files, file);
  fugue_window_open_files (self, G_LIST_MODEL (files), FALSE);
  wait_for (get_corners (self) == 3);
  press (self, "alt+b");
  wait_for (get_corners (self) == 1);
  wait_for (says (self, "apple is muted"));
  press (self, "alt+a");
  wait_for (get_corners (self) == 0);
  press (self, "ctrl+z");
  wait_for (get_corners (self) == 1);
  press (self, "ctrl+z");
  wait_for (get_corners (self) == 3);
  press (self, "alt+c");
  wait_for (says (self, "There is nothing in that slot."));

  press (self, "ctrl+f");
  wait_for (GTK_IS_EDITABLE (gtk_root_get_focus (GTK_ROOT (self))));
  press (self, "alt+b");
  wait_for (get_corners (self) == 1);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (gtk_root_get_focus (GTK_ROOT (self)))), ==, "");
  close_window (self);
}

static gboolean
is_finished (gpointer picture)
{
  return fugue_picture_get_state (picture) == FUGUE_PICTURE_FINISHED;
}

/* A finished picture of the gallery that no engine made. */
static FuguePicture *
add_picture (FugueWindow *self)
{
  g_autoptr (UnclipImage) image = app_new_image (32, 32, 9);
  FuguePicture *picture = app_add_picture (self->session, 1000, 0);

  fugue_session_finish_picture (self->session, picture, image, NULL, NULL, NULL);
  app_wait_until (is_finished, picture);
  return picture;
}

static gboolean
is_at (FugueWindow  *self,
       FuguePicture *picture)
{
  return fugue_gallery_has_grid_focus (self->gallery) && fugue_gallery_get_current (self->gallery) == picture;
}

/* H, J, K and L move in the gallery if a person wants it, and nowhere else; what K and L did is done with Shift, and said so. */
static void
test_letters_move (void)
{
  FugueWindow *self = open_star ();
  FuguePicture *first = add_picture (self);
  FuguePicture *second = add_picture (self);
  GtkWidget *live = GTK_WIDGET (gtk_widget_get_template_child (GTK_WIDGET (self), FUGUE_TYPE_WINDOW, "live_button"));

  fugue_gallery_go_to (self->gallery, first, TRUE);
  wait_for (is_at (self, first));
  press (self, "h");
  press (self, "k");
  wait_for (fugue_picture_get_mark (first) == FUGUE_MARK_KEEP);
  wait_for (is_at (self, second));
  press (self, "u");

  g_settings_set_boolean (self->settings, "letters-move", TRUE);
  g_assert_nonnull (strstr (gtk_widget_get_tooltip_text (live), "Shift+L"));
  press (self, "h");
  wait_for (is_at (self, first));
  press (self, "l");
  wait_for (is_at (self, second));
  press (self, "k");
  press (self, "j");
  g_assert_true (is_at (self, second));
  press (self, "shift+x");
  wait_for (fugue_picture_get_mark (second) == FUGUE_MARK_REJECT);
  press (self, "shift+l");
  wait_for (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (live)));
  press (self, "shift+l");
  wait_for (!gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (live)));

  press (self, "ctrl+f");
  wait_for (GTK_IS_EDITABLE (gtk_root_get_focus (GTK_ROOT (self))));
  press (self, "h");
  press (self, "l");
  wait_for (g_str_equal (gtk_editable_get_text (GTK_EDITABLE (gtk_root_get_focus (GTK_ROOT (self)))), "hl"));

  g_settings_reset (self->settings, "letters-move");
  g_assert_null (strstr (gtk_widget_get_tooltip_text (live), "Shift+L"));
  close_window (self);
}

static void
exported_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  *(char ***) user_data = fugue_export_finish (FUGUE_SESSION (object), result, NULL);
}

/* Drops the picture's exported file on the middle of the window. */
static void
drop_exported (FugueWindow  *self,
               FuguePicture *picture)
{
  FugueExportOptions options = { .folder = g_getenv ("FUGUE_TEST_HOME"), .recipe = FUGUE_EXPORT_RECIPE_FULL };
  g_autoptr (GPtrArray) pictures = g_ptr_array_new ();
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (self->centre_stack));
  g_auto (GStrv) paths = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean is_taken = FALSE;

  g_ptr_array_add (pictures, picture);
  fugue_export_async (self->session, pictures, &options, NULL, exported_cb, &paths);
  wait_for (paths != NULL);
  {
    g_autoptr (GFile) file = g_file_new_for_path (paths[0]);
    GSList files = { file, NULL };

    g_value_init (&value, GDK_TYPE_FILE_LIST);
    g_value_take_boxed (&value, gdk_file_list_new_from_list (&files));
  }
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_DROP_TARGET (controller))
        g_signal_emit_by_name (controller, "drop", &value, 10.0, 10.0, &is_taken);
    }
  g_assert_true (is_taken);
}

static guint
get_seed (FugueWindow *self)
{
  guint seed;

  g_object_get (self->controls, "seed", &seed, NULL);
  return seed;
}

static guint
count_selected (FugueWindow *self)
{
  g_autoptr (GPtrArray) selected = fugue_gallery_dup_selected (self->gallery);

  return selected->len;
}

static guint
count_sources (FugueWindow *self)
{
  return g_list_model_get_n_items (fugue_session_get_sources (self->session));
}

static guint
get_height (const char *path)
{
  g_autoptr (UnclipImage) image = unclip_image_load (path, NULL);

  g_assert_nonnull (image);
  return unclip_image_get_height (image);
}

/* Ctrl+P: of those that are selected, else of all, in the folder of the last export, never twice under one name; and back again. */
static void
test_contact_sheet (void)
{
  FugueWindow *self = open_star ();
  const char *folder = g_getenv ("FUGUE_TEST_HOME");
  g_autofree char *first = g_build_filename (folder, "lighthouse-sheet-1.png", NULL);
  g_autofree char *second = g_build_filename (folder, "lighthouse-sheet-2.png", NULL);
  FuguePicture *picture = NULL;

  g_settings_set_string (self->settings, "export-folder", folder);
  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (self), "contact-sheet"));
  for (guint i = 0; i < 4; i++)
    picture = add_picture (self);
  fugue_gallery_go_to (self->gallery, picture, TRUE);
  wait_for (is_at (self, picture));
  press (self, "ctrl+p");
  wait_for (says (self, "lighthouse-sheet-1.png"));
  /* Two rows of pictures with words below, and the title */
  g_assert_cmpuint (get_height (first), ==, 436);

  press (self, "Home");
  press (self, "shift+Right");
  wait_for (count_selected (self) == 2);
  press (self, "ctrl+p");
  wait_for (says (self, "lighthouse-sheet-2.png"));
  g_assert_cmpuint (get_height (second), ==, 244);
  g_action_group_activate_action (G_ACTION_GROUP (self), "undo-export", NULL);
  wait_for (!g_file_test (second, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (first, G_FILE_TEST_EXISTS));
  g_settings_reset (self->settings, "export-folder");
  close_window (self);
}

/* A dropped picture that Fugue made is used as a source; its settings are offered, without it and with it. */
static void
test_drop (void)
{
  FugueWindow *self = open_star ();
  FuguePicture *picture = add_picture (self);

  g_object_set (self->controls, "seed", 7u, NULL);
  drop_exported (self, picture);
  wait_for (says (self, "was made by Fugue"));
  g_assert_cmpuint (count_sources (self), ==, 2);
  g_assert_cmpuint (get_seed (self), ==, 7);

  g_action_group_activate_action (G_ACTION_GROUP (self), "use-settings", g_variant_new_boolean (FALSE));
  g_assert_cmpuint (get_seed (self), ==, 41);
  wait_for (count_sources (self) == 1);

  g_object_set (self->controls, "seed", 7u, NULL);
  fugue_toasts_dismiss (self->toasts);
  drop_exported (self, picture);
  wait_for (count_sources (self) == 2);
  wait_for (says (self, "was made by Fugue"));
  g_action_group_activate_action (G_ACTION_GROUP (self), "use-settings", g_variant_new_boolean (TRUE));
  g_assert_cmpuint (get_seed (self), ==, 41);
  g_assert_cmpuint (count_sources (self), ==, 2);
  close_window (self);
}

/* Ctrl+C and Ctrl+V of a picture make it a source with its lineage; Shift+Ctrl+C and Ctrl+V of its recipe bring the settings. */
static void
test_clipboard (void)
{
  FugueWindow *self = open_star ();
  FuguePicture *picture = add_picture (self);

  fugue_gallery_go_to (self->gallery, picture, TRUE);
  wait_for (fugue_gallery_has_grid_focus (self->gallery));
  press (self, "ctrl+c");
  wait_for (says (self, "Copied."));
  press (self, "ctrl+v");
  wait_for (fugue_session_get_slot (self->session, FUGUE_SLOT_B) != NULL);
  g_assert_cmpint (fugue_source_get_picture (fugue_session_get_slot (self->session, FUGUE_SLOT_B)), ==,
                   fugue_picture_get_id (picture));

  g_object_set (self->controls, "seed", 7u, NULL);
  fugue_gallery_go_to (self->gallery, picture, TRUE);
  wait_for (fugue_gallery_has_grid_focus (self->gallery));
  press (self, "shift+ctrl+c");
  wait_for (says (self, "The recipe is copied."));
  press (self, "ctrl+v");
  wait_for (get_seed (self) == 41);
  wait_for (says (self, "The settings are restored."));
  g_assert_cmpuint (count_sources (self), ==, 2);
  close_window (self);
}

static gboolean
shows_source (FugueStage *stage)
{
  gboolean shows;

  g_object_get (stage, "shows-source", &shows, NULL);
  return shows;
}

static int
get_least_height (GtkWidget *widget)
{
  int height;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, 720, &height, NULL, NULL, NULL);
  return height;
}

/* The least size of the window is enough for every mode, once the banner about the device has slid away. */
static void
test_small (void)
{
  FugueWindow *self = open_star ();
  guint n_modes;
  const FugueModeInfo *modes = fugue_modes_get (&n_modes);

  g_action_group_activate_action (G_ACTION_GROUP (self), "dismiss-device", NULL);
  wait_for (get_least_height (GTK_WIDGET (self->banner)) == 0);
  for (guint i = 0; i < n_modes; i++)
    {
      int width, height;

      fugue_window_set_mode (self, modes[i].name);
      gtk_widget_measure (GTK_WIDGET (self), GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
      height = get_least_height (GTK_WIDGET (self));
      g_test_message ("%s: %d × %d", modes[i].name, width, height);
      g_assert_cmpint (width, <=, 720);
      g_assert_cmpint (height, <=, 480);
    }
  close_window (self);
}

/* Space, held in the gallery, shows its picture over everything; B the source on the stage. */
static void
test_held_keys (void)
{
  FugueWindow *self = open_star ();
  FuguePicture *picture = add_picture (self);
  FugueStage *stage = fugue_mode_stage_get_stage (FUGUE_MODE_STAGE (gtk_stack_get_visible_child (self->stage_stack)));

  fugue_gallery_go_to (self->gallery, picture, TRUE);
  wait_for (fugue_gallery_has_grid_focus (self->gallery));
  hold ("keydown", "space");
  wait_for (gtk_widget_get_mapped (GTK_WIDGET (self->quick_look)));
  g_assert_true (fugue_quick_look_get_picture (self->quick_look) == picture);
  hold ("keyup", "space");
  wait_for (!gtk_widget_get_mapped (GTK_WIDGET (self->quick_look)));
  g_assert_true (fugue_gallery_has_grid_focus (self->gallery));

  hold ("keydown", "b");
  wait_for (shows_source (stage));
  hold ("keyup", "b");
  wait_for (!shows_source (stage));
  close_window (self);
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  application = fugue_application_new ();
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  g_application_hold (G_APPLICATION (application));

  g_test_add_func ("/ui/window/latency", test_latency);
  g_test_add_func ("/ui/window/killed-engine", test_killed_engine);
  g_test_add_func ("/ui/window/on-processor", test_on_processor);
  g_test_add_func ("/ui/window/models", test_models);
  g_test_add_func ("/ui/window/stop", test_stop);
  g_test_add_func ("/ui/window/escape", test_escape);
  g_test_add_func ("/ui/window/closed-during-run", test_closed_during_run);
  g_test_add_func ("/ui/window/queue/order", test_queue_order);
  g_test_add_func ("/ui/window/queue/edit", test_queue_edit);
  g_test_add_func ("/ui/window/queue/review", test_queue_review);
  g_test_add_func ("/ui/window/live", test_live);
  g_test_add_func ("/ui/window/letters", test_letters);
  g_test_add_func ("/ui/window/mute", test_mute);
  g_test_add_func ("/ui/window/letters-move", test_letters_move);
  g_test_add_func ("/ui/window/contact-sheet", test_contact_sheet);
  g_test_add_func ("/ui/window/drop", test_drop);
  g_test_add_func ("/ui/window/clipboard", test_clipboard);
  g_test_add_func ("/ui/window/held-keys", test_held_keys);
  g_test_add_func ("/ui/window/small", test_small);
  status = g_test_run ();

  g_application_release (G_APPLICATION (application));
  fugue_engine_pool_stop (fugue_application_get_pool (application));
  g_object_unref (application);
  return status;
}
